"""The 2-D worlds in which balancing methods are watched, and the two engines that compute them."""
