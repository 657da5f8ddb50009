"""What the simulated shop sells, and where."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["CATEGORIES", "CHANNELS", "GOODS", "STORES", "Good", "good_for"]

#: What a category of the simulated world is called in a tea and coffee shop.
CATEGORIES: dict[str, str] = {
    "tea": "绿茶 Green tea",
    "noodles": "红茶 Black tea",
    "pets": "乌龙茶 Oolong",
    "personal care": "普洱 Pu'er",
    "baby": "花草茶 Herbal",
    "coffee": "咖啡 Coffee",
    "drinks": "现萃茶饮 Fresh tea",
    "dairy": "奶茶 Milk tea",
    "fruit": "果茶 Fruit tea",
    "snacks": "茶点 Tea snacks",
    "bakery": "烘焙 Bakery",
    "household": "茶器 Tea ware",
}

#: Where a store of the simulated world stands, and how its ways of selling are called.
STORES: dict[str, str] = {
    "S01": "静安店 Jing'an",
    "S02": "静安店 Jing'an",
    "S03": "静安店 Jing'an",
    "S04": "徐汇店 Xuhui",
    "S05": "徐汇店 Xuhui",
    "S06": "徐汇店 Xuhui",
    "S07": "西湖店 West Lake",
    "S08": "西湖店 West Lake",
}
CHANNELS: dict[str, str] = {"store": "门店 Store", "web": "网店 Online", "app": "网店 Online"}


@dataclass(frozen=True, slots=True)
class Good:
    """One product: its number, name and price in fen."""

    sku: str
    name: str
    price_minor: int


def _goods(prefix: str, *rows: tuple[str, int]) -> tuple[Good, ...]:
    return tuple(
        Good(f"{prefix}-{place:02d}", name, yuan * 100)
        for place, (name, yuan) in enumerate(rows, start=1)
    )


#: By category of the simulated world, the cheapest first.
GOODS: dict[str, tuple[Good, ...]] = {
    "tea": _goods(
        "GT",
        ("炒青绿茶 50克 Roasted green 50 g", 28),
        ("碧螺春 50克 Biluochun 50 g", 58),
        ("西湖龙井 50克 Longjing 50 g", 88),
        ("明前龙井礼盒 Longjing gift box", 198),
    ),
    "noodles": _goods(
        "BT",
        ("滇红 50克 Dianhong 50 g", 32),
        ("祁门红茶 50克 Keemun 50 g", 56),
        ("正山小种 100克 Lapsang 100 g", 96),
    ),
    "pets": _goods(
        "OL",
        ("铁观音 50克 Tieguanyin 50 g", 36),
        ("凤凰单丛 50克 Dancong 50 g", 68),
        ("武夷大红袍 100克 Dahongpao 100 g", 138),
    ),
    "personal care": _goods(
        "PE",
        ("小青柑 6粒 Citrus pu'er, 6", 30),
        ("熟普茶饼 200克 Ripe cake 200 g", 78),
        ("古树生普 357克 Old-tree cake 357 g", 168),
    ),
    "baby": _goods(
        "HB",
        ("胎菊 30克 Chrysanthemum 30 g", 22),
        ("茉莉花茶 50克 Jasmine 50 g", 38),
        ("玫瑰枸杞茶 12包 Rose and goji, 12", 48),
    ),
    "coffee": _goods(
        "CF",
        ("美式咖啡 Americano", 18),
        ("龙井拿铁 Longjing latte", 26),
        ("手冲云南 Pour-over Yunnan", 32),
        ("云南咖啡豆 227克 Yunnan beans 227 g", 78),
    ),
    "drinks": _goods(
        "FT",
        ("冷泡乌龙 Cold-brew oolong", 16),
        ("鲜萃茉莉 Fresh jasmine", 18),
        ("抹茶气泡 Matcha sparkling", 24),
    ),
    "dairy": _goods(
        "MT",
        ("红茶鲜奶 Black milk tea", 20),
        ("焙茶鲜奶 Hojicha milk", 22),
        ("桂花乌龙奶茶 Osmanthus milk tea", 24),
    ),
    "fruit": _goods(
        "FR",
        ("百香果绿茶 Passion-fruit green", 19),
        ("杨梅冰茶 Yangmei iced tea", 23),
        ("满杯葡萄乌龙 Grape oolong", 26),
    ),
    "snacks": _goods(
        "SN",
        ("海苔花生 Seaweed peanuts", 15),
        ("绿豆糕 6枚 Mung-bean cakes, 6", 28),
        ("茶点拼盒 Snack box", 58),
    ),
    "bakery": _goods(
        "BK",
        ("抹茶司康 Matcha scone", 16),
        ("茶香吐司 Tea toast", 24),
        ("千层蛋糕 Mille crêpe", 36),
    ),
    "household": _goods(
        "TW",
        ("滤茶球 Tea infuser", 29),
        ("竹制茶则 Bamboo scoop", 39),
        ("白瓷盖碗 Porcelain gaiwan", 89),
        ("紫砂壶 Yixing teapot", 268),
    ),
}


def good_for(category: str, *, minor: int, lot: int) -> tuple[Good, int]:
    """Return a product and how many of it come near an amount.

    Parameters
    ----------
    category
        Of the simulated world.
    minor
        What is to be spent, before any discount.
    lot
        A number drawn beforehand: among the products that fit it chooses.

    Examples
    --------
    >>> good_for("coffee", minor=5_400, lot=1)
    (Good(sku='CF-02', name='龙井拿铁 Longjing latte', price_minor=2600), 2)
    """
    fitting = [each for each in GOODS[category] if each.price_minor * 9 <= minor * 10]
    chosen = (fitting or GOODS[category][:1])[lot % max(len(fitting), 1)]
    return chosen, max(1, round(minor / chosen.price_minor))
