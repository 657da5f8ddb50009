"""Names, phones and addresses of people who do not exist."""

from __future__ import annotations

__all__ = ["GIVEN_FEMALE", "GIVEN_MALE", "SURNAMES", "email_of", "phone_of"]

#: The commonest surnames, the commonest twice.
SURNAMES = tuple(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁沈任"
    "姚卢傅钟姜崔谭廖范汪陆金石戴贾韦夏邱方侯邹熊孟秦白江阎薛尹段雷黎史龙陶贺顾毛郝龚邵万钱严王李张刘陈杨"
)
_FEMALE = """
晓雯 雨桐 思琪 佳怡 静怡 梦瑶 欣然 若曦 子涵 诗涵 慧敏 丽华 秀英 海燕 婷婷 雪梅
文静 嘉宁 语嫣 可欣 玉兰 春燕 晓彤 书瑶 月华 清婉 念慈 安琪 兰芝 巧玲 淑芬 素珍
桂香 亚楠 依诺 梓萱 芷若 云舒 沐晴 知夏
"""
_MALE = """
浩然 子轩 俊杰 宇航 志强 建国 文博 天佑 明辉 嘉豪 晓峰 海涛 伟东 国栋 立新 思远
泽宇 一鸣 景行 长青 春生 启明 振华 少华 家骏 承志 永康 学文 大海 小刚 宏伟 书豪
致远 怀瑾 修远 墨林 云飞 沐阳 知行 清和
"""
GIVEN_FEMALE = tuple(_FEMALE.split())
GIVEN_MALE = tuple(_MALE.split())

# Numbers 150 0000 ....: no subscriber is meant, and nothing is ever sent from a demo.
_PHONE = "150{number:08d}"
_EMAIL = "guest{number:05d}@example.com"


def phone_of(number: int) -> str:
    """Return the phone of a simulated person.

    Parameters
    ----------
    number
        Which person, below 10,000.

    Examples
    --------
    >>> phone_of(42)
    '15000000042'
    """
    return _PHONE.format(number=number)


def email_of(number: int) -> str:
    """Return the e-mail address of a simulated person, of a domain that is kept for examples.

    Parameters
    ----------
    number
        Which person.

    Examples
    --------
    >>> email_of(42)
    'guest00042@example.com'
    """
    return _EMAIL.format(number=number)
