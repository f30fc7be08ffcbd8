"""The smallest Django site with dj-stripe; an argument `migrate` prepares its database and prints the webhook's path."""

import os
import sys

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.urls import include, path

SECRET = os.environ["SECRET"]  # noqa: TID251 - a program of its own
settings.configure(
    SECRET_KEY="bench",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    USE_TZ=True,
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "djstripe"],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "CONN_MAX_AGE": None,
            **{name: os.environ[f"DB_{name}"] for name in ("NAME", "USER", "PASSWORD", "HOST", "PORT")},  # noqa: TID251
        }
    },
    STRIPE_TEST_SECRET_KEY="sk_test_bench",
    STRIPE_LIVE_MODE=False,
    DJSTRIPE_FOREIGN_KEY_TO_FIELD="id",
    DJSTRIPE_WEBHOOK_EVENT_CALLBACK=f"{__name__}.leave_it_there",
)


def leave_it_there(*_args: object, **_kwargs: object) -> None:
    """Its fastest answer: the event is stored, and processed some other time."""


django.setup()
urlpatterns = [path("stripe/", include("djstripe.urls", namespace="djstripe"))]
application = get_wsgi_application()

if __name__ == "__main__":
    from django.core.management import call_command
    from djstripe.models import WebhookEndpoint

    call_command("migrate", verbosity=0)
    endpoint = WebhookEndpoint.objects.create(
        id="we_bench",
        livemode=False,
        secret=SECRET,
        url="http://127.0.0.1",
        status="enabled",
        enabled_events=["*"],
    )
    sys.stdout.write(f"/stripe/webhook/{endpoint.djstripe_uuid}/")
