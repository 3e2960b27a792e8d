"""What a client reads over one stream, for tests."""


def text_of(result):
    assert result.error is None, result.error
    return result.document.pages[0].text


async def results_of(client, pairs, **choices):
    return [result async for result in client.read_many(pairs, **choices)]
