"""Device link: devices without a subscription belong to the known admin's organisation of the order's name."""

import msgspec

from egpay.domain.account import Account
from egpay.domain.books import Books
from egpay.domain.order import fold_name
from egpay.domain.sale import Sale
from egpay.domain.values import SaleId


def link_devices(books: Books, sale_id: SaleId) -> Books:
    """Link a sale of devices that is paid, where its e-mail has an organisation of this name."""
    sale = books.sale(sale_id)
    if sale is None or not sale.awaits_organisation:
        return books
    account = next((one for one in books.accounts_of(sale.email_key) if _is_of(sale, one)), None)
    return _linked(books, sale, account) if account else books


def link_devices_of(books: Books, account: Account) -> Books:
    """Link the sales in reach that were paid before the account was opened; saving it links the others."""
    for sale_id in [key for key, sale in books.loaded.sales.items() if sale.plan is None]:
        sale = books.sale(sale_id)
        if sale and sale.awaits_organisation and _is_of(sale, account):
            books = _linked(books, sale, account)
    return books


def _is_of(sale: Sale, account: Account) -> bool:
    same_person = sale.email_key == account.admin.email_key
    return same_person and fold_name(sale.organisation) == fold_name(account.organisation.name)


def _linked(books: Books, sale: Sale, account: Account) -> Books:
    return books.with_sale(msgspec.structs.replace(sale, organisation_id=account.organisation.id))
