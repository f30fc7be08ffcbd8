import pytest

from egpay_sandbox.testing.running_sandbox import RunningSandbox


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/success?sale=sale_1", "Thank you for your order sale_1"),
        ("/cancelled?sale=sale_1", "Nothing was paid for order sale_1"),
        ("/invitation", "Open the account"),
        ("/success?sale=<script>", "&lt;script&gt;"),
    ],
)
async def test_a_buyer_who_comes_back_finds_a_page(sandbox: RunningSandbox, path: str, words: str) -> None:
    answer = await sandbox.http.get(path)
    assert answer.status_code == 200
    assert words in answer.text
