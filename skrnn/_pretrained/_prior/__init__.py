"""The simulated series on which the pretrained network is trained."""
