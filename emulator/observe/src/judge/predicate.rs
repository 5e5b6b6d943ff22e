//! Predicates: `sum (== | <= | >= | < | >) sum`, a sum being numbers, quantities and products.

use std::fmt;

use serde::Deserialize;

/// One comparison between two sums, as written in a scenario.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(try_from = "String")]
pub struct Predicate {
    text: String,
    left: Vec<Term>,
    relation: Relation,
    right: Vec<Term>,
}

/// `factor`, or `factor * quantity`.
#[derive(Clone, Debug, PartialEq)]
struct Term {
    factor: f64,
    quantity: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Relation {
    Equal,
    AtMost,
    AtLeast,
    Less,
    Greater,
}

/// Longer ones first: `<=` is not `<`.
const RELATIONS: [(&str, Relation); 5] = [
    ("==", Relation::Equal),
    ("<=", Relation::AtMost),
    (">=", Relation::AtLeast),
    ("<", Relation::Less),
    (">", Relation::Greater),
];

/// A predicate's value for one run.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// The predicate as written.
    pub text: String,
    /// Whether it holds.
    pub holds: bool,
    /// The value of its left side.
    pub left: f64,
    /// The value of its right side.
    pub right: f64,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({} against {})", self.text, number(self.left), number(self.right))
    }
}

/// At most three places, none when whole.
fn number(value: f64) -> String {
    let text = format!("{value:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_string()
}

impl Predicate {
    /// Every quantity it names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.left.iter().chain(&self.right).filter_map(|t| t.quantity.as_deref())
    }

    /// Its value, with `value` giving each quantity; a quantity that is not known fails it.
    pub fn judge(&self, value: impl Fn(&str) -> Option<f64>) -> Verdict {
        let sum = |terms: &[Term]| terms.iter().map(|t| t.value(&value)).sum::<f64>();
        let (left, right) = (sum(&self.left), sum(&self.right));
        Verdict { text: self.text.clone(), holds: self.relation.holds(left, right), left, right }
    }
}

impl Term {
    /// NaN, with which no comparison holds, when the quantity is not known.
    fn value(&self, value: impl Fn(&str) -> Option<f64>) -> f64 {
        match &self.quantity {
            Some(name) => self.factor * value(name).unwrap_or(f64::NAN),
            None => self.factor,
        }
    }

    fn parse(text: &str) -> Result<Term, String> {
        let (factor, quantity) = match text.split_once('*') {
            Some((factor, name)) => (parse_number(factor.trim())?, Some(name.trim())),
            None => match parse_number(text) {
                Ok(factor) => (factor, None),
                Err(_) => (1.0, Some(text)),
            },
        };
        if let Some(name) = quantity {
            let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_.-:".contains(c);
            if !name.starts_with(|c: char| c.is_ascii_lowercase()) || !name.chars().all(fits) {
                return Err(format!("{name:?} is neither a number nor a quantity"));
            }
        }
        Ok(Term { factor, quantity: quantity.map(str::to_string) })
    }
}

fn parse_number(text: &str) -> Result<f64, String> {
    let digits = text.starts_with(|c: char| c.is_ascii_digit());
    text.replace('_', "").parse().ok().filter(|_| digits).ok_or_else(|| format!("{text:?} is not a number"))
}

impl Relation {
    fn holds(self, left: f64, right: f64) -> bool {
        match self {
            Relation::Equal => left == right,
            Relation::AtMost => left <= right,
            Relation::AtLeast => left >= right,
            Relation::Less => left < right,
            Relation::Greater => left > right,
        }
    }
}

impl TryFrom<String> for Predicate {
    type Error = String;

    fn try_from(text: String) -> Result<Predicate, String> {
        let found = RELATIONS.iter().find_map(|(sign, r)| text.split_once(sign).map(|sides| (sides, *r)));
        let Some(((left, right), relation)) = found else {
            return Err(format!("{text:?} compares nothing; expected ==, <=, >=, < or > between two sums"));
        };
        let sum = |side: &str| side.split('+').map(|t| Term::parse(t.trim())).collect::<Result<Vec<_>, _>>();
        let wrong = |e: String| format!("in {text:?}: {e}");
        let (left, right) = (sum(left).map_err(wrong)?, sum(right).map_err(wrong)?);
        Ok(Predicate { text, left, relation, right })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(text: &str) -> bool {
        let value = |name: &str| match name {
            "ticks" => Some(10.0),
            "exits" => Some(70.0),
            _ => None,
        };
        Predicate::try_from(text.to_string()).unwrap().judge(value).holds
    }

    #[test]
    fn sums_and_products_are_compared() {
        assert!(holds("exits <= 2 * ticks + 50"));
        assert!(!holds("exits < 2 * ticks + 50"));
        assert!(holds("exits >= 70") && holds("exits == 70") && holds("exits + ticks > 79.5"));
        assert!(holds("1_000 > exits"));
    }

    #[test]
    fn a_quantity_that_is_not_known_holds_nothing() {
        for relation in ["==", "<=", ">=", "<", ">"] {
            assert!(!holds(&format!("nothing {relation} 0")));
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        let error = |text: &str| Predicate::try_from(text.to_string()).unwrap_err();
        assert!(error("exits").contains("compares nothing"));
        assert!(error("exits == ").contains("neither a number nor a quantity"));
        assert!(error("x * exits == 1").contains("is not a number"));
        assert!(error("Exits < 1").contains("\"Exits\""));
    }

    #[test]
    fn a_verdict_shows_both_sides() {
        let p = Predicate::try_from("exits <= 2 * ticks".to_string()).unwrap();
        let verdict = p.judge(|name| Some(if name == "exits" { 70.25 } else { 10.0 }));
        assert_eq!(verdict.to_string(), "exits <= 2 * ticks (70.25 against 20)");
    }
}
