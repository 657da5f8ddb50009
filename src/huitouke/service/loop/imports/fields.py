"""The columns of files of customers and of balances, and the headers that name them."""

from __future__ import annotations

from huitouke.insight.facts.headings import ORDER_FIELDS, Field, FieldSet, normalised

__all__ = ["BALANCE_FIELDS", "CUSTOMER_FIELDS", "IDENTITY_KINDS", "identity_kind"]

_NUMBERS = (
    *ORDER_FIELDS.field("customer_id").tiers[:3],
    "external_id external 外部编号 外部id",
)

#: Fields that say who it is, each with the kind of identity, best first.
_WHO = (
    (Field("customer_id", "id", _NUMBERS), "external"),
    (
        Field(
            "phone",
            "id",
            (
                """
                phone mobile phone_number mobile_number cellphone tel telephone 手机号 手机号码
                手机 联系电话 电话 電話 手機號碼 手機 收货人手机 会员手机号
                """,
            ),
        ),
        "phone",
    ),
    (
        Field(
            "email",
            "id",
            ("email e_mail email_address customer_email 邮箱 电子邮件 邮件 電子郵件",),
        ),
        "email",
    ),
    (
        Field(
            "card",
            "id",
            (
                """
                card card_no card_number member_card customer_card loyalty_card 会员卡号 卡号
                会员卡 會員卡號
                """,
            ),
        ),
        "card",
    ),
    (
        Field("wechat_openid", "id", ("openid wechat_openid wx_openid 微信openid",)),
        "wechat_openid",
    ),
    (
        Field("wechat_unionid", "id", ("unionid wechat_unionid wx_unionid 微信unionid",)),
        "wechat_unionid",
    ),
)

#: Kind of identity by the field that carries it, in the order in which one is chosen.
IDENTITY_KINDS: dict[str, str] = {field.name: kind for field, kind in _WHO}
_FIELDS = tuple(field for field, _ in _WHO)

# Of orders and balances a household's number may be all that says whose they are. A list of
# customers has several of one household: taken for the person, it would make them one.
_HOUSEHOLD = (
    "household household_id household_key household_number family_id 家庭 家庭编号 家庭編號"
)
_PERSON = tuple(
    " ".join(word for word in tier.split() if word not in _HOUSEHOLD.split())
    for tier in _NUMBERS
)

CUSTOMER_FIELDS = FieldSet(
    "customers",
    (
        Field("customer_id", "id", _PERSON),
        *_FIELDS[1:],
        Field(
            "name",
            "label",
            (
                """
                name customer_name full_name member_name 姓名 名字 会员姓名 客户姓名 顾客姓名
                会员名 會員姓名
                """,
                "nickname buyer_name username 昵称 买家昵称 客户名称 用户名",
            ),
        ),
        Field(
            "birthday",
            "label",
            ("birthday birthday_on date_of_birth birth_date dob 生日 出生日期 生日日期",),
        ),
        Field("gender", "label", ("gender sex 性别 性別",)),
        Field("language", "label", ("language lang locale 语言 語言",)),
        Field("brand", "label", ("brand brand_name 品牌",)),
        Field("household", "label", (_HOUSEHOLD,)),
    ),
    needs=(tuple(IDENTITY_KINDS),),
)

BALANCE_FIELDS = FieldSet(
    "balances",
    (
        *_FIELDS,
        Field(
            "points",
            "measure",
            (
                """
                points point_balance points_balance balance remaining_points available_points
                积分 积分余额 可用积分 剩余积分 余额 積分 積分餘額
                """,
            ),
        ),
        Field(
            "expires_on",
            "moment",
            (
                """
                expires_on expires_at expiry expiry_date expiration_date valid_until valid_to
                到期日 到期日期 到期时间 有效期 有效期至 过期时间 过期日期 失效日期 到期日
                """,
            ),
        ),
        Field(
            "earned_on",
            "moment",
            (
                """
                earned_on earned_at earn_date issued_on issue_date granted_on 获得日期 获得时间
                发放日期 发放时间 入账日期 积分时间
                """,
            ),
        ),
        Field(
            "tier",
            "label",
            ("tier tier_code level grade member_level 等级 会员等级 等級 會員等級 级别",),
        ),
        Field(
            "tier_since",
            "moment",
            ("tier_since tier_from level_since 等级开始日期 升级日期 等级生效日期 定级日期",),
        ),
        Field(
            "tier_until",
            "moment",
            (
                """
                tier_until tier_to tier_expires_on level_until level_expires 等级到期日
                等级到期日期 等级有效期 等级有效期至 保级截止日期
                """,
            ),
        ),
        Field(
            "joined_on",
            "moment",
            (
                """
                joined_on joined_at enrolled_on enrolled_at member_since registered_at
                signup_date 入会日期 入会时间 注册日期 注册时间 开卡日期 入會日期
                """,
            ),
        ),
    ),
    needs=(tuple(IDENTITY_KINDS), ("points", "tier")),
)


def identity_kind(header: str) -> str:
    """Return what kind of identity a column of an orders file carries.

    Parameters
    ----------
    header
        The header of its customer column.

    Examples
    --------
    >>> identity_kind("手机号"), identity_kind("E-mail"), identity_kind("会员号")
    ('phone', 'email', 'external')
    """
    name = normalised(header)
    for field, kind in _WHO[1:]:
        for tier in field.tiers:
            if name in {normalised(each) for each in tier.split()}:
                return kind
    return "external"
