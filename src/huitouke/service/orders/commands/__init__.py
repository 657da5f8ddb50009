"""Commands of orders: record, refund, cancel, deliver."""

from huitouke.service.orders.commands.change import OrderUnknown, cancel, deliver
from huitouke.service.orders.commands.record import (
    OrderDiffers,
    OrderInvalid,
    record,
    record_told,
)
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
    "cancel",
    "deliver",
    "record",
    "record_told",
    "refund",
]
