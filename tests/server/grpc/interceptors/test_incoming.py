"""What is on its way over connections, by a count that a test sets."""

from edgeocr.server.grpc.interceptors.incoming import Incoming

ONE, OTHER, UNIX = ("192.0.2.1", 5), ("192.0.2.1", 6), ("", 0)


class Count:
    """The kernel's; new connections are unknown to it until it looks for them."""

    def __init__(self):
        self.there, self.known, self.searches = {}, set(), 0

    def of(self, peers):
        return {peer: self.there[peer] for peer in peers if peer in self.known}

    def find(self):
        self.searches += 1
        self.known = set(self.there)


def made():
    count = Count()
    return count, Incoming(count)


def test_what_came_of_a_message_that_is_not_whole_is_on_its_way():
    count, incoming = made()
    count.there[ONE] = 0
    incoming.begin(ONE)
    count.there[ONE] = 5_000_000
    incoming.look()
    assert incoming.total_bytes == incoming.of_each(ONE) == 5_000_000
    incoming.end(ONE, 4_999_000)
    assert incoming.total_bytes == 0


def test_what_came_before_a_lone_message_was_awaited_is_none_of_it():
    count, incoming = made()
    count.there[ONE] = 9_000_000
    count.find()
    incoming.begin(ONE)
    incoming.look()
    assert incoming.total_bytes == 0


def test_after_each_look_the_kernel_says_anew_what_came_before_a_message():
    count, incoming = made()
    count.there[ONE] = 0
    count.find()
    incoming.begin(ONE)
    incoming.end(ONE, 0)
    incoming.look()
    count.there[ONE] = 9_000_000
    incoming.begin(ONE)
    incoming.look()
    assert incoming.total_bytes == 0


def test_what_came_of_a_message_that_was_ended_is_none_of_the_next_one():
    count, incoming = made()
    count.there[ONE] = 0
    count.find()
    incoming.begin(ONE)
    count.there[ONE] = 3_000_000
    incoming.end(ONE, None)
    incoming.begin(ONE)
    incoming.look()
    assert incoming.total_bytes == 0


def test_what_came_of_messages_that_were_not_read_is_none_of_the_next_one():
    count, incoming = made()
    for came in (9_000_000, 18_000_000):
        count.there[ONE] = count.there[OTHER] = came
        incoming.recount(ONE)
        incoming.recount(OTHER)
        incoming.begin(ONE)
        incoming.end(ONE, 0)
    incoming.recount(UNIX)
    incoming.begin(OTHER)
    incoming.look()
    assert incoming.total_bytes == 0
    assert count.searches == 1


def test_more_connections_than_are_remembered_have_nothing_on_its_way_between_two_messages():
    count, incoming = made()
    peers = [("192.0.2.1", port) for port in range(1, 1100)]
    count.there = dict.fromkeys(peers, 9_000_000)
    count.find()
    for peer in peers:
        incoming.begin(peer)
        incoming.end(peer, 0)
    incoming.begin(peers[0])
    incoming.look()
    assert incoming.total_bytes == 0


def test_what_was_whole_before_a_connection_was_found_is_none_of_the_next_message():
    count, incoming = made()
    count.there[ONE] = 1_500_000
    incoming.begin(ONE)
    incoming.end(ONE, 1_499_000)
    incoming.begin(ONE)
    incoming.look()
    assert incoming.total_bytes < 1000
    count.there[ONE] += 700_000
    incoming.look()
    assert 699_000 < incoming.total_bytes < 701_000


def test_of_several_messages_what_has_come_whole_is_taken_off():
    count, incoming = made()
    count.there[ONE] = 0
    count.find()
    incoming.begin(ONE)
    incoming.begin(ONE)
    count.there[ONE] = 3_000_000
    incoming.look()
    assert incoming.of_each(ONE) == 1_500_000
    incoming.end(ONE, 1_000_000)
    assert 1_990_000 < incoming.total_bytes < 2_000_000
    incoming.look()
    assert 1_990_000 < incoming.total_bytes < 2_000_000


def test_small_messages_add_up_to_nothing_and_hide_nothing():
    count, incoming = made()
    count.there[ONE] = 0
    count.find()
    incoming.begin(ONE)
    for _ in range(1000):
        incoming.begin(ONE)
        count.there[ONE] += 150
        incoming.end(ONE, 100)
    incoming.look()
    assert incoming.total_bytes == 0
    count.there[ONE] += 1_000_000
    incoming.look()
    assert incoming.total_bytes == 1_000_000


def test_the_newest_connection_with_data_is_known():
    count, incoming = made()
    for peer, came in ((ONE, 10), (OTHER, 20), (("192.0.2.2", 7), 0)):
        count.there[peer] = came
        incoming.begin(peer)
    incoming.look()
    assert incoming.newest(count.there) == OTHER
    assert incoming.newest([ONE]) == ONE
    assert incoming.newest([("192.0.2.2", 7)]) is None


def test_connections_are_looked_for_only_when_new_ones_are_awaited_from():
    count, incoming = made()
    count.there[ONE] = 10
    incoming.begin(ONE)
    for _ in range(3):
        incoming.look()
    assert count.searches == 1


def test_over_a_unix_socket_nothing_is_counted():
    count, incoming = made()
    incoming.begin(UNIX)
    incoming.look()
    incoming.end(UNIX, None)
    assert (incoming.total_bytes, incoming.of_each(UNIX), count.searches) == (0, 0, 0)
