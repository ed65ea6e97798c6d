"""The endpoints of contracts B and D."""

from sampler.backend.readings.buckets import get_buckets
from sampler.backend.readings.listing import get_data
from sampler.backend.readings.posting import post_data
from sampler.backend.readings.sensors import get_sensors
from sampler.backend.readings.statistics import delete_statistics, get_statistics

# Of one path, the handler that runs in a thread comes last: the framework registers the others again with it.
ROUTES = [post_data, get_data, delete_statistics, get_statistics, get_buckets, get_sensors]
