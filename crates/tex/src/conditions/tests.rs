//! Tests of conditions and their branches.

use super::*;
use crate::NoSources;

#[test]
fn tests_of_ifthen() {
    let preamble = Preamble::read(
        &[r"\newif\ifa\atrue\newboolean{b}\newcounter{n}\setcounter{n}{3}\newcommand{\mode}{prof}"],
        &NoSources,
    );
    for (test, wanted) in [
        (r"\boolean{a}", Some(true)),
        (r"\boolean{b} \or \boolean{a}", Some(true)),
        (r"\boolean{a} \AND \NOT \boolean{b}", Some(true)),
        (r"\not\(\boolean{a} \and \boolean{b}\)", Some(true)),
        (r"\equal{\mode}{prof}", Some(true)),
        (r"\equal{\mode}{eleve}", Some(false)),
        (r"\value{n} > 2", Some(true)),
        (r"3<\value{n}", Some(false)),
        (r"\isodd{\value{n}}", Some(true)),
        (r"\isundefined{\rien}", Some(true)),
        (r"\boolean{inconnu}", None),
        (r"\boolean{inconnu} \or \boolean{a}", Some(true)),
        (r"\lengthtest{1pt<2pt}", None),
    ] {
        assert_eq!(preamble.test(test, 0), wanted, "{test}");
    }
}

#[test]
fn branches_of_nested_conditions() {
    assert_eq!(
        branches(r"a\ifx b\else c\fi d\else e\fi f", &mqd_math::Macros::default()),
        Some((r"a\ifx b\else c\fi d", "e", 29))
    );
    assert_eq!(branches(r"a\fi b", &mqd_math::Macros::default()), Some(("a", "", 4)));
    assert_eq!(branches(r"a\else b", &mqd_math::Macros::default()), None);
}
