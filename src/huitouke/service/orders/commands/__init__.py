"""Commands of orders: record, name, refund, cancel, deliver."""

from huitouke.service.orders.commands.change import OrderUnknown, cancel, deliver
from huitouke.service.orders.commands.naming import also_name
from huitouke.service.orders.commands.record import OrderDiffers, OrderInvalid, record
from huitouke.service.orders.commands.refund import (
    RefundBeforeOrder,
    RefundDiffers,
    RefundInvalid,
    RefundTooLarge,
    refund,
)

__all__ = [
    "OrderDiffers",
    "OrderInvalid",
    "OrderUnknown",
    "RefundBeforeOrder",
    "RefundDiffers",
    "RefundInvalid",
    "RefundTooLarge",
    "also_name",
    "cancel",
    "deliver",
    "record",
    "refund",
]
