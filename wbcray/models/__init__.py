"""Networks: a torchvision backbone that gives features, and a linear head that gives logits."""
