"""The endpoints under /v1."""

from sampler.backend.environment.analysing import get_correlation, get_trend
from sampler.backend.environment.changing import put_data
from sampler.backend.environment.forecasts import get_forecast
from sampler.backend.environment.listing import get_data, get_data_of_sensor
from sampler.backend.environment.posting import post_data
from sampler.backend.environment.tallies import get_aggregate

ROUTES = [
    post_data,
    get_data,
    get_aggregate,
    get_data_of_sensor,
    put_data,
    get_trend,
    get_correlation,
    get_forecast,
]
