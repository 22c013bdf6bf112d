//! Makes a large maquis to measure on: seeded, in made-up words with the frequencies of a language,
//! with signs of mathematics in the texts. Included by benches with `#[path]`.

use mqd_model::{Label, Node, NodeId, Relation, Snapshot, Uuid, Value, Version};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Real words, the most frequent first, so that a person can search by hand.
const COMMON: [&str; 48] = [
    "de",
    "la",
    "le",
    "une",
    "un",
    "les",
    "des",
    "que",
    "est",
    "pour",
    "soit",
    "dans",
    "fonction",
    "matrice",
    "suite",
    "espace",
    "théorème",
    "intégrale",
    "dérivée",
    "vectoriel",
    "continue",
    "série",
    "convergence",
    "polynôme",
    "endomorphisme",
    "déterminant",
    "probabilité",
    "variable",
    "aléatoire",
    "limite",
    "borne",
    "segment",
    "anneau",
    "groupe",
    "idéal",
    "noyau",
    "image",
    "rang",
    "base",
    "dimension",
    "norme",
    "équation",
    "différentielle",
    "récurrence",
    "étudier",
    "montrer",
    "calculer",
    "démontrer",
];
const SYLLABLES: [&str; 40] = [
    "ba", "bé", "bri", "ca", "chê", "clo", "da", "dé", "dro", "fa", "fé", "fri", "ga", "glo",
    "gué", "ja", "la", "lé", "lou", "ma", "mé", "mi", "na", "né", "nou", "pa", "pé", "plu", "ra",
    "ré", "rou", "sa", "sé", "sti", "ta", "té", "tru", "va", "vé", "zou",
];
const ENDINGS: [&str; 10] = ["", "", "s", "tion", "ment", "able", "eur", "ité", "elle", "ique"];
const SIGNS: [&str; 10] = ["∑", "∫", "√x", "≤", "∈", "ln(x)", "∞", "→", "x²", "∀ε"];

/// A generator of words whose n-th is 1/n as frequent as the first.
pub struct Language {
    words: Vec<String>,
    weights: Vec<f64>,
}

impl Language {
    /// The language of a seed, with `count` words.
    pub fn new(seed: u64, count: usize) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut words: Vec<String> = COMMON.iter().map(|word| (*word).to_owned()).collect();
        while words.len() < count {
            let mut word = String::new();
            for _ in 0..rng.random_range(2..5) {
                word.push_str(SYLLABLES[rng.random_range(0..SYLLABLES.len())]);
            }
            word.push_str(ENDINGS[rng.random_range(0..ENDINGS.len())]);
            words.push(word);
        }
        let mut sum = 0.0;
        let weights = (1..=words.len()).map(|n| {
            sum += 1.0 / n as f64;
            sum
        });
        let weights = weights.collect();
        Self { words, weights }
    }

    /// One word, as often as the language has it.
    pub fn word(&self, rng: &mut impl Rng) -> &str {
        let total = self.weights.last().copied().unwrap_or(1.0);
        let at = rng.random_range(0.0..total);
        &self.words[self.weights.partition_point(|weight| *weight <= at).min(self.words.len() - 1)]
    }

    /// So many words, with a sign of mathematics after every tenth or so.
    pub fn text(&self, rng: &mut impl Rng, words: usize) -> String {
        let mut text = String::with_capacity(words * 9);
        for _ in 0..words {
            text.push_str(self.word(rng));
            text.push(' ');
            if rng.random_range(0..10) == 0 {
                text.push_str(SIGNS[rng.random_range(0..SIGNS.len())]);
                text.push(' ');
            }
        }
        text.pop();
        text
    }
}

/// A maquis of so many nodes and about so many relations: six tenths documents, three tenths
/// concepts, one tenth events. Keeps every consistency rule.
pub fn maquis(seed: u64, nodes: usize, relations: usize) -> Snapshot {
    let language = Language::new(seed, 30_000);
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let label = |at: usize| match at % 10 {
        0..6 => Label::Document,
        6..9 => Label::Concept,
        _ => Label::Evenement,
    };
    let made = (0..nodes).map(|at| {
        let spec = label(at).spec();
        let words = rng.random_range(2..6);
        // The number makes the title unique.
        let title = format!("{} {at}", language.text(&mut rng, words));
        let kind = spec.kinds[at / 10 % spec.kinds.len()];
        let mut props: std::collections::BTreeMap<String, Value> = [
            (spec.kind.to_owned(), Value::from(kind)),
            (spec.title.to_owned(), Value::from(title)),
        ]
        .into();
        if at % 3 == 0 {
            props.insert("description".into(), language.text(&mut rng, 12).into());
        }
        Node {
            id: at as NodeId,
            uuid: Some(Uuid::from_u128(0x1234_5678 + at as u128)),
            labels: vec![spec.name.to_owned()],
            props,
        }
    });
    let nodes: Vec<Node> = made.collect();
    let mut seen = std::collections::HashSet::new();
    let mut joined = Vec::with_capacity(relations);
    let count = nodes.len();
    for _ in 0..relations * 2 {
        if joined.len() == relations {
            break;
        }
        let (from, to) = (rng.random_range(0..count), rng.random_range(0..count));
        let kind = match (label(from), label(to)) {
            (Label::Document, Label::Concept) => ["INDEXE", "EVALUE", "DOCUMENTE"][to % 3],
            (Label::Document, Label::Document) => ["CONTIENT", "REFERENCE"][to % 2],
            // Towards smaller ids: no cycle.
            (Label::Concept, Label::Concept) if from > to => "REQUIERT",
            (Label::Concept, Label::Document) => "INTERVIENT_DANS",
            (Label::Evenement, Label::Document) => "UTILISE",
            (Label::Evenement, Label::Concept) => "EVALUE",
            (Label::Evenement, Label::Evenement) => "CONTIENT",
            _ => continue,
        };
        if seen.insert((from, to)) {
            joined.push(Relation {
                id: joined.len() as i64,
                from: from as NodeId,
                kind: kind.into(),
                to: to as NodeId,
                props: Default::default(),
            });
        }
    }
    Snapshot { version: Version("1".into()), nodes, relations: joined }
}
