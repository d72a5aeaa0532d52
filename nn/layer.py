"""The former place of `nn.layers.Layer`."""

from nn.layers import Layer as Layer
