"""Letter templates wiring: the templates of e-mails as the settings ask for them."""

from pathlib import Path

from billing_worker.settings import BillingWorkerSettings
from egpay.adapters.smtp.letter_values import LetterLinks, Seller
from egpay.adapters.smtp.letters import JinjaEmailTemplates


def letter_templates(settings: BillingWorkerSettings) -> JinjaEmailTemplates:
    """The texts and layouts in the box, below those of EMAIL_TEMPLATES."""
    return JinjaEmailTemplates(
        LetterLinks(storefront_url=settings.storefront_url, public_url=settings.public_url),
        Seller.of(
            settings.mail_from,
            name=settings.seller_name,
            email=settings.seller_email,
            address=settings.seller_address,
            withdrawal_days=settings.withdrawal_days if settings.sells_to == "consumers" else 0,
        ),
        language=settings.email_language,
        folder=Path(settings.email_templates) if settings.email_templates else None,
    )
