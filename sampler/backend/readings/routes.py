"""The endpoints of contracts B and D."""

from sampler.backend.readings.posting import post_data
from sampler.backend.readings.statistics import delete_statistics, get_statistics

ROUTES = [post_data, get_statistics, delete_statistics]
