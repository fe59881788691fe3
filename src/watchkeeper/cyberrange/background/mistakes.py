"""Mistakes: forgotten passwords, stale credentials of services, caps lock. Owns failed logons that mean nothing."""

from watchkeeper.cyberrange import logons
from watchkeeper.cyberrange.logons import Attempt, Origin
from watchkeeper.cyberrange.world import World


def play(world: World) -> None:
    """Let a fifth of the people mistype in the morning or after lunch, one of them until the account is locked, and one service all day."""
    rng = world.stream("mistakes")
    people = rng.sample(world.company.people, max(2, len(world.company.people) // 5))
    for person in people:
        desk = world.desks[person.account]
        when = rng.choice((desk.start - 60, rng.uniform(desk.start, world.seconds)))
        for number in range(rng.randrange(1, 4)):
            at = Origin("127.0.0.1", desk.seat.machine.host.name)
            logons.failed(world.domain, desk.seat.machine, Attempt(person.account, kind=2), at, when - 8 * number)
    _locked(world)
    _stale(world)


def _locked(world: World) -> None:
    rng = world.stream("locked")
    person = rng.choice(world.company.people)
    desk = world.desks[person.account]
    origin = Origin(desk.seat.machine.host.address, desk.seat.machine.host.name)
    when = rng.uniform(desk.start, world.seconds)
    for number in range(rng.randrange(5, 8)):
        logons.failed(world.domain, world.first("file-server"), Attempt(person.account), origin, when + 6 * number)
    controller = world.domain.controller
    controller.security(when + 50, 4740, {
        "TargetUserName": person.account, "TargetDomainName": origin.workstation, "TargetSid": person.sid, "SubjectUserSid": "S-1-5-18",
        "SubjectUserName": controller.host.name + "$", "SubjectDomainName": world.company.domain, "SubjectLogonId": "0x3e7",
    })  # fmt: skip


def _stale(world: World) -> None:
    rng = world.stream("stale")
    source = rng.choice([desk.seat.machine for desk in world.desks.values()])
    person = rng.choice(world.company.people)
    target = world.first("mail")
    for when in world.day(0, world.seconds, 2400, rng):
        logons.failed(world.domain, target, Attempt(person.account), Origin(source.host.address, source.host.name), when)
