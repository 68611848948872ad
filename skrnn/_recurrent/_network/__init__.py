"""The networks in torch: modules, initial weights, losses, optimizers."""
