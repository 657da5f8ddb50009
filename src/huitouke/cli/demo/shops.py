"""The shops of the demo: what they are called, and who loads them."""

from __future__ import annotations

from collections.abc import Callable

from huitouke.service.core.actor import Actor
from huitouke.service.core.shop_view import ShopView

__all__ = [
    "ACTOR",
    "JOURNEY",
    "JOURNEY_PLACE",
    "SHOPS",
    "SIMULATED",
    "SIMULATED_PLACE",
    "Tell",
]

#: Who loads a demo, in audit log and journals.
ACTOR = Actor("system", "demo")

#: Told a sentence when a step of loading begins, with what belongs into it.
Tell = Callable[..., None]

SIMULATED = ShopView(
    code="simulated",
    kind="simulated",
    names={"zh": "山间茶事", "en": "Hillside Tea"},
    attribution={
        "zh": "模拟数据：这家店、这些顾客和订单都不存在。",
        "zh-Hant": "模擬資料：這家店、這些顧客和訂單都不存在。",
        "en": "Simulated data: this shop, its customers and its orders do not exist.",
    },
    language="zh",
)
JOURNEY = ShopView(
    code="journey",
    kind="public",
    names={"zh": "The Complete Journey", "en": "The Complete Journey"},
    attribution={
        "zh": "公开教学数据：84.51°《The Complete Journey》（2015），"
        "2,469 户家庭一年的购物记录；不可据此得出市场结论。",
        "zh-Hant": "公開教學資料：84.51°《The Complete Journey》（2015），"
        "2,469 戶家庭一年的購物紀錄；不可據此得出市場結論。",
        "en": "Public data for education: The Complete Journey, 84.51° (2015), a year of 2,469 "
        "households. No market finding should be drawn from it.",
    },
    language="en",
)
#: Where each stands: what its programme is created with.
SIMULATED_PLACE = {"zone": "Asia/Shanghai", "currency": "CNY"}
JOURNEY_PLACE = {"zone": "America/New_York", "currency": "USD"}
SHOPS: dict[str, ShopView] = {shop.code: shop for shop in (SIMULATED, JOURNEY)}
