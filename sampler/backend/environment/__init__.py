"""What users' sensors measure: temperature, humidity and pressure behind a login (contract E)."""
