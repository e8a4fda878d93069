"""Who: organisations, branches, people, respondents, contracts joined, and the permission gate."""
