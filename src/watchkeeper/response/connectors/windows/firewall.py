"""Windows' own firewall, and the task that ends what was done with it: the scripts, and what they answer. Owns no decision.

Rules and task of one job have one name, `$told.group`; nothing else is ever changed. Source: the modules NetSecurity (New-, Get- and
Remove-NetFirewallRule, Get-NetFirewallProfile, Get-NetFirewall…Filter) and ScheduledTasks (New-ScheduledTask…, Register-ScheduledTask).
"""

from typing import Annotated

from pydantic import Field

from watchkeeper.model.noun import Noun

_Text = Annotated[str, Field(max_length=1_000, pattern=r"^\P{C}*$")]
"""What shows: the host may be hostile, and people read it."""
_Texts = Annotated[tuple[_Text, ...], Field(max_length=10_000)]
# What is not there is an error to these cmdlets. Rules are removed one by one: the cmdlet that is told of none removes all there are.
_FIND = """
function Find-Rules($store) {
  try { Get-NetFirewallRule -PolicyStore $store -Group $told.group -ErrorAction Stop }
  catch { if ([string]$_.CategoryInfo.Category -ne 'ObjectNotFound') { throw } }
}
function Find-Task {
  try { Get-ScheduledTask -TaskName $told.group -TaskPath '\\' -ErrorAction Stop }
  catch { if ([string]$_.CategoryInfo.Category -ne 'ObjectNotFound') { throw } }
}
function Remove-Ours($kept) {
  foreach ($rule in @(Find-Rules 'PersistentStore')) { if ($kept -notcontains $rule.Name) { Remove-NetFirewallRule -InputObject $rule } }
}
function Remove-Task {
  if ($null -ne (Find-Task)) { Unregister-ScheduledTask -TaskName $told.group -TaskPath '\\' -Confirm:$false }
}
function Get-Seconds { [long][Math]::Floor(([DateTime]::UtcNow.Ticks - 621355968000000000) / 10000000) }
"""
LOOK = f"""{_FIND}
$rules = @(foreach ($rule in @(Find-Rules 'ActiveStore')) {{
  $where = Get-NetFirewallAddressFilter -AssociatedNetFirewallRule $rule
  $what = Get-NetFirewallPortFilter -AssociatedNetFirewallRule $rule
  $whose = Get-NetFirewallApplicationFilter -AssociatedNetFirewallRule $rule
  $links = Get-NetFirewallInterfaceTypeFilter -AssociatedNetFirewallRule $rule
  $protocol = [string]$what.Protocol
  $limits = @($where.LocalAddress) + @($whose.Program) + @([string]$links.InterfaceType) + @([string]$rule.Profile)
  if ('TCP', 'UDP' -contains $protocol) {{ $limits += @($what.RemotePort) }}
  @{{
    blocks = ([string]$rule.Enabled -eq 'True' -and [string]$rule.Action -eq 'Block' -and @($limits -ne 'Any').Count -eq 0)
    direction = [string]$rule.Direction
    protocol = $protocol
    ports = [string[]]@($what.LocalPort)
    addresses = [string[]]@($where.RemoteAddress)
  }}
}})
$profiles = @(Get-NetFirewallProfile -PolicyStore ActiveStore)
$cards = @(Get-CimInstance -ClassName Win32_NetworkAdapterConfiguration -Filter 'IPEnabled = TRUE')
$near = @(foreach ($card in $cards) {{ $card.DHCPServer; $card.DefaultIPGateway }})
$task = Find-Task
Answer @{{
  came = [string]$env:SSH_CONNECTION
  seconds = Get-Seconds
  runs = ([string](Get-Service -Name MpsSvc).Status -eq 'Running')
  off = [string[]]@($profiles | Where-Object {{ [string]$_.Enabled -ne 'True' }} | ForEach-Object {{ $_.Name }})
  deaf = [string[]]@($profiles | Where-Object {{ [string]$_.AllowLocalFirewallRules -eq 'False' }} | ForEach-Object {{ $_.Name }})
  near = [string[]]@($near | Where-Object {{ $_ }})
  ends = ($null -ne $task -and [string]$task.State -ne 'Disabled')
  rules = $rules
}}
"""
"""Looks at what is in force whatever it comes from (the active store), not at what was written down here."""
ISOLATE = f"""{_FIND}
try {{
  if ($told.ending) {{
    $program = [IO.Path]::Combine($env:SystemRoot, 'System32\\WindowsPowerShell\\v1.0\\powershell.exe')
    $action = New-ScheduledTaskAction -Execute $program -Argument $told.ending
    $again = @{{ RepetitionInterval = New-TimeSpan -Minutes 5; RepetitionDuration = New-TimeSpan -Days 1 }}
    $once = New-ScheduledTaskTrigger -Once -At ([DateTime]::Now) @again
    $once.StartBoundary = $told.boundary
    $start = New-ScheduledTaskTrigger -AtStartup
    $settings = New-ScheduledTaskSettingsSet -StartWhenAvailable -AllowStartIfOnBatteries -DontStopIfGoingOnBatteries
    $system = New-ScheduledTaskPrincipal -UserId 'S-1-5-18' -LogonType ServiceAccount -RunLevel Highest
    $task = @{{ TaskName = $told.group; TaskPath = '\\'; Action = $action; Settings = $settings; Principal = $system }}
    $null = Register-ScheduledTask @task -Trigger @($once, $start) -Force
  }} else {{ Remove-Task }}
  foreach ($rule in @($told.rules)) {{
    foreach ($before in @(Find-Rules 'PersistentStore')) {{
      if ($before.Name -eq $rule.name) {{ Remove-NetFirewallRule -InputObject $before }}
    }}
    $made = @{{
      Name = $rule.name; DisplayName = $rule.name; Group = $told.group; Direction = $rule.direction; Action = 'Block'; Enabled = 'True'
      Profile = 'Any'; Protocol = $rule.protocol; RemoteAddress = [string[]]@($rule.addresses)
    }}
    if (@($rule.ports).Count -ne 0) {{ $made.LocalPort = [string[]]@($rule.ports) }}
    $null = New-NetFirewallRule @made
  }}
  Remove-Ours @($told.rules | ForEach-Object {{ $_.name }})
}} catch {{
  $failed = $_
  Remove-Ours @()
  Remove-Task
  throw $failed
}}
Answer @{{}}
"""
"""Makes what will end it first; whatever fails, nothing of it stays."""
RELEASE = f"""{_FIND}
Remove-Ours @()
Remove-Task
Answer @{{}}
"""
END = f"""{_FIND}
if ((Get-Seconds) -lt $told.ends) {{ exit 0 }}
Remove-Ours @()
Remove-Task
"""
"""What the task runs: at its time, every five minutes after it until it worked, and when the host starts, which may be before its time."""


class Blocking(Noun):
    """One rule of the job, as the firewall has it in force."""

    blocks: bool
    """Whether it is enabled, blocks, and is for every profile, program, kind of link and address of the host."""
    direction: _Text
    """`Inbound` or `Outbound`."""
    protocol: _Text
    """`Any`, or the name of one."""
    ports: _Texts
    """Ports of the host that it is for; `Any` for all."""
    addresses: _Texts
    """Addresses of others that it is for, as the firewall lists them."""


class State(Noun):
    """How the firewall of a host stands."""

    came: _Text
    """Where we come from, as its SSH server says: our address and port, its address and port."""
    seconds: Annotated[int, Field(ge=0, le=1 << 40)]
    """The time by the host's own clock, seconds since 1970."""
    runs: bool
    """Whether the firewall's service runs."""
    off: _Texts
    """Profiles in which it is off."""
    deaf: _Texts
    """Profiles in which it is told to ignore rules that were made on the host."""
    near: Annotated[tuple[_Text, ...], Field(max_length=64)]
    """Where its addresses are leased from, and its gateways."""
    ends: bool
    """Whether the task is there that ends the job."""
    rules: Annotated[tuple[Blocking, ...], Field(max_length=1_000)]
    """The job's rules."""


class Nothing(Noun):
    """That a script was done, and no more."""
