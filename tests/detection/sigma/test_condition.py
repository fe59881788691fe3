"""The tree: joining, and what it looks at."""

from watchkeeper.detection.sigma.condition import AllOf, AnyOf, Atom, Negation, Null, Present, SameAs, all_of, all_tests, any_of, fields


def test_a_single_child_stands_for_itself() -> None:
    atom = Atom("F", Null())
    assert all_of([atom]) is atom
    assert any_of([atom, atom]) == AnyOf((atom, atom))


def test_fields_are_found_everywhere_in_the_tree() -> None:
    tree = AllOf((Negation(Atom("F", Null())), AnyOf((Atom("G", SameAs("H")), Atom(None, Present())))))
    assert fields(tree) == {"F", "G", "H"}
    assert list(all_tests(tree)) == [Null(), SameAs("H"), Present()]
