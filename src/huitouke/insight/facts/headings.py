"""The fields of an orders file, and the headers that name them.

Pure data and its one reader. A field's headers stand in tiers: a header of an earlier tier
wins over one of a later tier, and two columns of the same tier are a question for the user.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

__all__ = ["ORDER_FIELDS", "Field", "FieldSet", "Kind", "normalised"]

Kind = Literal["id", "label", "moment", "money", "measure"]

_BRACKETS = re.compile(r"[(\[【〔（].*?[)\]】〕）]")
_JOINERS = re.compile(r"[\s_\-./:：#*'\"、·]+")


def normalised(header: str) -> str:
    """Return a header without case, blanks, joiners, width and bracketed remarks.

    Examples
    --------
    >>> normalised(" Customer_ID "), normalised("实付金额（元）"), normalised("ＩＤ")
    ('customerid', '实付金额', 'id')
    """
    plain = unicodedata.normalize("NFKC", header).casefold()
    bare = _JOINERS.sub("", _BRACKETS.sub("", plain))
    return bare or _JOINERS.sub("", plain)


@dataclass(frozen=True)
class Field:
    """One field a file may provide.

    Parameters
    ----------
    name
        The name used with ``--map``.
    kind
        How its cells are read.
    tiers
        The headers that name it, best first, blanks between headers of one tier; ``_`` and
        case do not matter.
    adds_up
        True if several columns may share the field and add up.
    """

    name: str
    kind: Kind
    tiers: tuple[str, ...]
    adds_up: bool = False


@dataclass(frozen=True)
class FieldSet:
    """The fields of one kind of file.

    Parameters
    ----------
    name
        The kind.
    fields
        In the order in which columns are given out.
    needs
        Fields that must have a column; of a group any one is enough. Orders and answers
        have rules of their own.
    """

    name: str
    fields: tuple[Field, ...]
    needs: tuple[tuple[str, ...], ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The names used with ``--map``."""
        return tuple(field.name for field in self.fields)

    def field(self, name: str) -> Field:
        """Return the field of a name."""
        return next(field for field in self.fields if field.name == name)

    def claims(self, header: str) -> dict[str, int]:
        """Return the fields that a header may name, each with its tier (0 is best).

        Examples
        --------
        >>> ORDER_FIELDS.claims("InvoiceDate"), ORDER_FIELDS.claims("Description")
        ({'ordered_at': 2}, {'product': 4})
        """
        return self._by_header.get(normalised(header), {})

    @cached_property
    def _by_header(self) -> dict[str, dict[str, int]]:
        table: dict[str, dict[str, int]] = {}
        for field in self.fields:
            for tier, headers in enumerate(field.tiers):
                for header in headers.split():
                    table.setdefault(normalised(header), {}).setdefault(field.name, tier)
        return table


ORDER_FIELDS = FieldSet(
    "orders",
    (
        Field(
            "customer_id",
            "id",
            (
                """
                customer_id customer_no customer_number customer_code customer_key
                customer_unique_id cust_id 客户编号 客户id 客户号 客户代码 顾客编号 顾客id
                顾客号 客戶編號 客戶id 顧客編號
                """,
                """
                member_id member_no member_number 会员号 会员编号 会员id 会员码 會員編號
                會員號 會員id
                """,
                """
                user_id client_id buyer_id shopper_id account_id household_id household_key
                household 用户id 用户编号 用户号 买家id 用戶id 买家会员名
                """,
                """
                loyalty_card card_no card_number member_card customer_card 会员卡号 卡号
                会员卡 會員卡號
                """,
                """
                phone mobile phone_number mobile_number 手机号 手机号码 手机 联系电话 电话
                電話 手機號碼 手機 收货人手机
                """,
                """
                email customer_email 邮箱 openid unionid
                """,
                """
                customer client user member buyer customer_name buyer_name username 客户 会员
                用户 顾客 买家 买家昵称 客户名称 客户姓名 会员名 会员姓名 用户名 客戶 會員
                買家 昵称
                """,
            ),
        ),
        Field(
            "order_id",
            "id",
            (
                """
                order_id order_no order_number 订单号 订单编号 订单id 主订单编号 訂單編號
                訂單號 单号 订单单号 單號
                """,
                """
                invoice_no invoice_id invoice_number invoice basket_id transaction_id
                transaction_no receipt_id receipt_no receipt_number receipt bill_no ticket_no
                sales_order txn_id trans_id 交易号 交易单号 交易编号 小票号 流水号 销售单号
                票号
                """,
                """
                order_name order basket 订单 父订单号 子订单编号 訂單
                """,
            ),
        ),
        Field(
            "ordered_at",
            "moment",
            (
                """
                ordered_at order_date order_datetime order_timestamp order_created_at
                order_placed_at order_purchase_timestamp date_ordered ordered_on order_day
                下单日期 订单日期 开单日期 下單日期 訂單日期
                """,
                """
                order_time 下单时间 订单时间 订单创建时间 开单时间 下單時間 訂單時間
                """,
                """
                invoice_date transaction_timestamp transaction_date transaction_datetime
                purchase_date purchased_at txn_date trans_date 交易日期 购买日期 消费日期
                销售日期 成交日期
                """,
                """
                invoice_time transaction_time purchase_time 交易时间 购买时间 消费时间
                销售时间 成交时间 交易時間
                """,
                """
                date datetime timestamp 日期 时间戳
                """,
                """
                created_at created order_created 创建时间
                """,
                """
                payment_date payment_time paid_at pay_time 付款时间 支付时间 付款日期
                支付日期 结账时间 付款時間
                """,
                """
                day time 时间 時間
                """,
            ),
        ),
        Field(
            "recorded_at",
            "moment",
            (
                """
                recorded_at recorded_on record_time posted_at posting_date loaded_at
                ingested_at booked_at entered_at 入账时间 入账日期 记账时间 记账日期 录入时间
                录入日期 登记时间 入賬時間 錄入時間
                """,
            ),
        ),
        Field(
            "amount",
            "money",
            (
                """
                net_amount amount_paid paid_amount net_sales net_total net_value net_price
                sales_value paid 实付金额 实付 实付款 实际支付金额 买家实际支付金额 实收金额
                实收 支付金额 付款金额 实际金额 净额 折后金额 成交金额 實付金額 實付 實收
                """,
                """
                amount total order_total total_amount order_amount order_value total_price
                grand_total line_total line_amount sales sales_amount sale_amount
                transaction_amount dollars dollar_value revenue spend value total_sales
                monetary gross_amount payment_value 金额 总金额 订单金额 消费金额 交易金额
                销售金额 销售额 总价 合计 合计金额 小计 订单总额 总额 金額 總金額 訂單金額
                總價 商品金额 买家应付货款
                """,
                "amount_due payable amount_payable 应付 应付金额 应收 应收金额 應付金額",
            ),
        ),
        Field(
            "unit_price",
            "money",
            (
                """
                unit_price price_each item_price price_per_unit selling_price sale_price
                net_unit_price 单价 销售单价 成交价 成交单价 实际单价 單價 折后单价
                """,
                "price 价格 售价 商品价格 价钱 價格 售價",
            ),
        ),
        Field(
            "list_amount",
            "money",
            (
                """
                list_amount list_total full_amount amount_before_discount gross_sales
                original_amount subtotal_before_discount gross_total 原价 原价金额 原始金额
                折前金额 优惠前金额 应收原价 原金额 商品原价 商品总价 原價 原價金額
                """,
            ),
        ),
        Field(
            "list_price",
            "money",
            (
                """
                list_price regular_price full_price msrp rrp tag_price original_price
                retail_price unit_list_price 吊牌价 标价 市场价 零售价 原单价 牌价 吊牌價
                標價 市場價
                """,
            ),
        ),
        Field(
            "discount",
            "money",
            (
                """
                discount discount_amount discounts total_discount discount_total
                promo_discount coupon_amount coupon_discount coupon_value retail_disc
                coupon_disc coupon_match_disc markdown markdown_amount 优惠 优惠金额 折扣金额
                折扣额 优惠券金额 优惠券抵扣 满减 满减金额 立减 立减金额 减免 减免金额
                积分抵扣 平台优惠 店铺优惠 商家优惠 會員優惠 优惠总额 優惠 優惠金額 折扣金額
                """,
            ),
            adds_up=True,
        ),
        Field(
            "refund",
            "money",
            (
                """
                refund refund_amount refunded_amount amount_refunded refund_total
                returned_amount 退款 退款金额 退货金额 已退金额 退款总额 退款額 退款金額
                """,
            ),
        ),
        Field(
            "quantity",
            "measure",
            (
                """
                quantity qty units pieces item_count items number_of_items number_of_cds
                num_items unit_count 数量 件数 购买数量 商品数量 销售数量 宝贝总数量 數量
                件數
                """,
            ),
        ),
        Field(
            "status",
            "label",
            (
                """
                status order_status state order_state transaction_status 状态 订单状态
                交易状态 訂單狀態 狀態
                """,
                """
                financial_status payment_status 付款状态 支付状态
                """,
                """
                transaction_type order_type 单据类型 交易类型 业务类型
                """,
            ),
        ),
        Field(
            "product",
            "label",
            (
                """
                product_id product_code stock_code item_id item_code article_id article_no
                goods_id 商品编号 商品id 商品编码 商品代码 货号 商品編號 貨號
                """,
                """
                sku sku_id upc ean barcode asin isbn 款号 条码 商品条码 sku编码
                """,
                """
                product item article goods 商品 货品 产品 宝贝
                """,
                """
                product_name item_name product_title title lineitem_name goods_name sku_name
                商品名称 品名 产品名称 商品标题 宝贝标题 商品名稱
                """,
                """
                description product_description item_description 商品描述
                """,
            ),
        ),
        Field(
            "category",
            "label",
            (
                """
                category product_category category_name department 品类 类目 商品类别
                商品分类 分类 类别 商品类目 品類 類目 分類
                """,
                """
                category_id product_type product_group 一级类目 部门
                """,
                """
                subcategory sub_category family 二级类目
                """,
            ),
        ),
        Field(
            "store",
            "label",
            (
                """
                store store_id store_no store_code 门店 门店编号 门店id 店号 門店 分店編號
                """,
                """
                store_name shop shop_id shop_name branch branch_id outlet location_id
                门店名称 店铺 店铺名称 分店 店名 店鋪
                """,
            ),
        ),
        Field(
            "channel",
            "label",
            (
                """
                channel sales_channel channel_name order_channel 渠道 销售渠道 下单渠道
                銷售渠道 通路
                """,
                """
                order_source platform 订单来源 来源渠道 平台
                """,
            ),
        ),
    ),
)
