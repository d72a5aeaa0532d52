"""The former place of `nn.layers.Layer`."""

from nn.layers.base import Layer as Layer
