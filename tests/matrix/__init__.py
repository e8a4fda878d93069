"""Who may, route by route: the golden table, the rows of the routes, and every cell walked."""
