//! Arithmetic that documents do: `\pgfmathparse`, `\fpeval`, `\numexpr`, `\setcounter{n}{2*3}`.
//! Depth and length are bounded, and what is not understood is `None`: nothing is guessed.

/// Parentheses and signs may be this deep.
const MAX_DEPTH: usize = 32;
/// An expression is this long at most.
const MAX_LENGTH: usize = 1_000;

/// How the program that calculates reads `/` and angles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// pgf: decimals, angles in degrees.
    Pgf,
    /// xfp and fp: decimals, angles in radians.
    Fp,
    /// `\numexpr`, `\inteval`: integers, quotients rounded.
    Integer,
    /// calc in counters: integers, quotients cut.
    Counter,
}

/// The value of an expression.
pub(crate) fn evaluate(text: &str, mode: Mode) -> Option<f64> {
    if text.len() > MAX_LENGTH {
        return None;
    }
    let mut reader = Reader { text: text.as_bytes(), at: 0, mode, depth: 0 };
    let value = reader.sum()?;
    reader.blanks();
    (reader.at == text.len() && value.is_finite()).then_some(value)
}

/// A value as pgf prints it: with a decimal unless an integer was asked for.
pub(crate) fn print_pgf(value: f64, expression: &str) -> String {
    let whole = ["int(", "div(", "gcd(", "lcm("].iter().any(|f| {
        let text = expression.trim();
        text.starts_with(f) && text.find(')') == Some(text.len() - 1)
    });
    if whole {
        return format!("{}", value.trunc());
    }
    let text = print(value, 5);
    if text.contains('.') { text } else { format!("{text}.0") }
}

/// A value with so many decimals at most, and no zeros behind them.
pub(crate) fn print(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    let text = match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.'),
        false => text.as_str(),
    };
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

struct Reader<'t> {
    text: &'t [u8],
    at: usize,
    mode: Mode,
    depth: usize,
}

impl Reader<'_> {
    fn blanks(&mut self) {
        while self.text.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
    }

    fn eat(&mut self, sign: &str) -> bool {
        self.blanks();
        let found = self.text[self.at..].starts_with(sign.as_bytes());
        self.at += if found { sign.len() } else { 0 };
        found
    }

    fn sum(&mut self) -> Option<f64> {
        let mut value = self.product()?;
        loop {
            if self.eat("+") {
                value += self.product()?;
            } else if self.eat("-") {
                value -= self.product()?;
            } else {
                return Some(value);
            }
        }
    }

    fn product(&mut self) -> Option<f64> {
        let mut value = self.signed()?;
        loop {
            if self.text[self.at..].starts_with(b"**") {
                return None;
            } else if self.eat("*") {
                value *= self.signed()?;
            } else if self.eat("/") {
                let by = self.signed()?;
                value = self.quotient(value, by)?;
            } else {
                return Some(value);
            }
        }
    }

    fn quotient(&self, value: f64, by: f64) -> Option<f64> {
        if by == 0.0 {
            return None;
        }
        Some(match self.mode {
            Mode::Integer => (value / by).round(),
            Mode::Counter => (value / by).trunc(),
            _ => value / by,
        })
    }

    fn signed(&mut self) -> Option<f64> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return None;
        }
        let value = if self.eat("-") {
            -self.signed()?
        } else if self.eat("+") {
            self.signed()?
        } else {
            let base = self.atom()?;
            if self.eat("^") || self.eat("**") { base.powf(self.signed()?) } else { base }
        };
        self.depth -= 1;
        Some(value)
    }

    fn atom(&mut self) -> Option<f64> {
        self.blanks();
        let first = *self.text.get(self.at)?;
        let mut value = if self.eat("(") {
            let inner = self.sum()?;
            if !self.eat(")") {
                return None;
            }
            inner
        } else if first.is_ascii_digit() || first == b'.' {
            self.number()?
        } else {
            self.named()?
        };
        while self.mode == Mode::Pgf && self.eat("!") {
            if !(0.0..=20.0).contains(&value) {
                return None;
            }
            value = (1..=value as u32).map(f64::from).product();
        }
        Some(value)
    }

    fn number(&mut self) -> Option<f64> {
        let start = self.at;
        let rest = &self.text[start..];
        let digits = |from: usize| {
            rest[from..].iter().take_while(|b| b.is_ascii_digit() || **b == b'.').count()
        };
        let mut end = digits(0);
        // `1e-3`
        if matches!(rest.get(end), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(rest.get(end + 1), Some(b'+' | b'-')));
            let exponent = digits(end + 1 + sign);
            if exponent > 0 {
                end += 1 + sign + exponent;
            }
        }
        self.at += end;
        std::str::from_utf8(&rest[..end]).ok()?.parse().ok()
    }

    /// A constant, or a function with its arguments.
    fn named(&mut self) -> Option<f64> {
        let start = self.at;
        while self.text.get(self.at).is_some_and(u8::is_ascii_alphanumeric) {
            self.at += 1;
        }
        let name = std::str::from_utf8(&self.text[start..self.at]).ok()?.to_ascii_lowercase();
        match name.as_str() {
            "pi" => return Some(std::f64::consts::PI),
            "e" if self.mode == Mode::Pgf => return Some(std::f64::consts::E),
            _ => {}
        }
        if !self.eat("(") {
            return None;
        }
        let mut given = vec![self.sum()?];
        while given.len() < 16 && self.eat(",") {
            given.push(self.sum()?);
        }
        if !self.eat(")") {
            return None;
        }
        let x = given[0];
        let angle = if self.mode == Mode::Pgf { x.to_radians() } else { x };
        let value = match (name.as_str(), given.as_slice()) {
            ("sqrt", [_]) => x.sqrt(),
            ("int" | "trunc" | "truncate", [_]) => x.trunc(),
            ("round", [_]) => x.round(),
            ("round", [_, places]) if (0.0..=12.0).contains(places) => {
                let scale = 10_f64.powf(*places);
                (x * scale).round() / scale
            }
            ("floor", [_]) => x.floor(),
            ("ceil", [_]) => x.ceil(),
            ("abs", [_]) => x.abs(),
            ("sign", [_]) => x.partial_cmp(&0.0).map_or(0.0, |o| f64::from(o as i8)),
            ("exp", [_]) => x.exp(),
            ("ln", [_]) => x.ln(),
            ("log10", [_]) => x.log10(),
            ("log2", [_]) => x.log2(),
            ("sin", [_]) => angle.sin(),
            ("cos", [_]) => angle.cos(),
            ("tan", [_]) => angle.tan(),
            ("sind", [_]) => x.to_radians().sin(),
            ("cosd", [_]) => x.to_radians().cos(),
            ("tand", [_]) => x.to_radians().tan(),
            ("pow", [_, y]) => x.powf(*y),
            ("mod", [_, y]) if *y != 0.0 => x % y,
            ("div", [_, y]) if *y != 0.0 => (x / y).trunc(),
            ("divide", [_, y]) if *y != 0.0 => x / y,
            ("add", [_, y]) => x + y,
            ("subtract", [_, y]) => x - y,
            ("multiply", [_, y]) => x * y,
            ("min", all) => all.iter().copied().fold(f64::INFINITY, f64::min),
            ("max", all) => all.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            ("gcd", [_, y]) if x.fract() == 0.0 && y.fract() == 0.0 => {
                let (mut a, mut b) = (x.abs(), y.abs());
                while b > 0.0 {
                    (a, b) = (b, a % b);
                }
                a
            }
            _ => return None,
        };
        value.is_finite().then_some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::{Mode, evaluate, print, print_pgf};

    #[test]
    fn what_documents_calculate() {
        for (text, mode, wanted) in [
            ("2*3+1", Mode::Fp, Some("7")),
            ("1+2/4", Mode::Fp, Some("1.5")),
            ("-(2-5)^2", Mode::Fp, Some("-9")),
            ("2^3^2", Mode::Fp, Some("512")),
            ("2**3", Mode::Fp, Some("8")),
            ("sqrt(2)*2", Mode::Pgf, Some("2.82843")),
            ("sin(30)", Mode::Pgf, Some("0.5")),
            ("sin(pi/6)", Mode::Fp, Some("0.5")),
            ("round(3.14159, 2)", Mode::Fp, Some("3.14")),
            ("max(1, 5, 3)", Mode::Fp, Some("5")),
            ("5!", Mode::Pgf, Some("120")),
            ("7/2", Mode::Integer, Some("4")),
            ("7/2", Mode::Counter, Some("3")),
            ("1e3", Mode::Fp, Some("1000")),
            ("1/0", Mode::Fp, None),
            ("2*", Mode::Fp, None),
            ("x+1", Mode::Fp, None),
            ("rand()", Mode::Pgf, None),
            ("1 2", Mode::Fp, None),
            ("", Mode::Fp, None),
        ] {
            let found = evaluate(text, mode).map(|value| print(value, 5));
            assert_eq!(found.as_deref(), wanted, "{text}");
        }
        assert_eq!(evaluate(&"(".repeat(500), Mode::Fp), None);
        assert_eq!(evaluate(&"-".repeat(500), Mode::Fp), None);
        assert_eq!(print_pgf(7.0, "2*3+1"), "7.0");
        assert_eq!(print_pgf(9.0, "int(3*3)"), "9");
    }
}
