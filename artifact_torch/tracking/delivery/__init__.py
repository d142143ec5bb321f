"""Carries what a run recorded to its clients, from where training cannot feel it.

`Deliverer` makes the calls, from a process of its own for each client that can be sent to one
(`worker`), else from a thread; `Delivery` is what the trainer has of them. Without torch.
"""
