"""SyncNet (Chung and Zisserman, 2016), the network behind the published sync confidences: syncnet-python's own."""

from torch import nn


def syncnet() -> nn.Module:
    """The network of ``syncnet_v2.model``; it has one size."""
    from syncnet_python.SyncNetModel import S  # its package takes seconds to import

    return S()
