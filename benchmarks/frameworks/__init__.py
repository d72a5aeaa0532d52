"""The workloads, once for each framework.

A module defines one function for each workload that it takes part in, named as the workload. It takes a
`benchmarks.problems.Problem` and returns a `benchmarks.problems.Case`. A module without a function of that name does
not take part."""
