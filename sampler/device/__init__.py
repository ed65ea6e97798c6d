"""The daemon that runs beside the ADC."""
