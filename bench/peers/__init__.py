"""The peers that we are measured beside, each as its own guide teaches it; starting them is left to the benchmarks."""
