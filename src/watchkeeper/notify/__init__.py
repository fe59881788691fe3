"""Notify: who is told of what, when, by which way; and the ways themselves, one file each."""

from typing import Any

from watchkeeper.notify.channel import Channel
from watchkeeper.notify.dingtalk import dingtalk
from watchkeeper.notify.feishu import feishu
from watchkeeper.notify.mail import mail_channel
from watchkeeper.notify.slack import slack
from watchkeeper.notify.webhook import webhook
from watchkeeper.notify.wecom import wecom

CHANNELS: tuple[Channel[Any], ...] = (mail_channel, webhook, slack, feishu, dingtalk, wecom)
"""Every way to tell people."""

__all__ = ["CHANNELS", "Channel"]
