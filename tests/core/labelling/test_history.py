from core.labelling.history import Event, History, Opinion, Piece


def history_of(*events):
    history = History()
    for event in events:
        assert history.takes(event), event
        history.add(event)
    return history


def test_a_cine_is_one_piece_without_a_label():
    assert Opinion().pieces(6) == [Piece(0, 5, "")]
    assert not Opinion().is_done


def test_a_split_piece_keeps_its_view_in_front():
    history = history_of(
        Event("c", "Anna", 0, "label", 0, "A4C"), Event("c", "Anna", 1, "split", 4)
    )
    assert history.opinion("c", "Anna").pieces(6) == [Piece(0, 3, "A4C"), Piece(4, 5, "")]
    assert not history.opinion("c", "Anna").is_done


def test_a_later_label_takes_the_place_of_the_former():
    history = history_of(
        Event("c", "Anna", 0, "label", 0, "A4C"), Event("c", "Anna", 1, "label", 0, "A5C")
    )
    assert history.opinion("c", "Anna").pieces(2) == [Piece(0, 1, "A5C")]


def test_undo_brings_the_former_label_back():
    history = history_of(
        Event("c", "Anna", 0, "label", 0, "A4C"),
        Event("c", "Anna", 1, "label", 0, "A5C"),
        Event("c", "Anna", 2, "undo"),
    )
    assert history.opinion("c", "Anna").views == {0: "A4C"}
    assert history.version("c", "Anna") == 3


def test_undo_is_of_the_labellers_own_last_event():
    history = history_of(
        Event("c", "Anna", 0, "label", 0, "A4C"),
        Event("c", "Ben", 0, "label", 0, "PLAX"),
        Event("c", "Anna", 1, "undo"),
    )
    assert history.opinion("c", "Anna").views == {}
    assert history.opinion("c", "Ben").views == {0: "PLAX"}


def test_undo_goes_back_over_cines_in_the_order_they_were_labelled():
    history = history_of(
        Event("b", "Anna", 0, "label", 0, "A4C"), Event("a", "Anna", 0, "label", 0, "A4C")
    )
    assert not history.takes(Event("b", "Anna", 1, "undo"))
    assert history.takes(Event("a", "Anna", 1, "undo"))


def test_there_may_be_nothing_to_undo():
    assert History().last("Anna") is None
    assert not History().takes(Event("c", "Anna", 0, "undo"))


def test_events_that_know_too_little_do_not_fit():
    history = history_of(Event("c", "Anna", 0, "split", 3))
    assert not history.takes(Event("c", "Anna", 0, "label", 0, "A4C"))  # before the split was seen
    assert not history.takes(Event("c", "Anna", 1, "label", 2, "A4C"))  # no piece begins there
    assert not history.takes(Event("c", "Anna", 1, "split", 3))  # one does already
    assert history.takes(Event("c", "Anna", 1, "label", 3, "A4C"))
