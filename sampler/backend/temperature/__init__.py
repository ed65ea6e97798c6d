"""Contract A: measurements that devices post."""
