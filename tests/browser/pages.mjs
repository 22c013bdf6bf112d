// The pages that the walk looks at: one of each kind, found through the site itself.

/** The addresses to look at, by name. */
export async function pages(base) {
  const get = async (path) => {
    const response = await fetch(base + path);
    if (!response.ok) throw new Error(`${path} answers ${response.status}`);
    return response.text();
  };
  const first = (html, pattern) => html.match(pattern)?.[1];
  const found = {
    accueil: "/",
    problemes: "/vues/problemes",
    feuilles: "/vues/feuillesexercices",
    exercices: "/vues/exercices",
    cours: "/vues/listecours",
    semaines: "/vues/semaines",
    concepts: "/vues/listeconcepts",
    glossaire: "/vues/glossaire",
    recents: "/vues/nouveautes",
    maquis: "/vues/maquis",
    rapidexo: "/vues/rapidexo",
    chemin: "/vues/chemin",
    recherche: "/vues/recherche",
    resultats: "/vues/recherche?q=suite",
    filtres: "/vues/exercices?corrige=avec&tri=date",
    projet: "/projet",
    etat: "/projet/etat",
    signe: "/vues/recherche?q=" + encodeURIComponent("∑"),
    rienTrouve: "/vues/recherche?q=xyzzyxq",
    vide: "/vues/exercices?depuis=2999-01-01",
    anglais: "/en/vues/problemes",
    accueilAnglais: "/en",
    absente: "/nulle-part",
  };
  const entry = /<li><div class="title"><a href="(\/document\/[^"]+)"/;
  found.probleme = first(await get("/vues/problemes"), entry);
  found.exercice = first(await get("/vues/exercices"), entry);
  found.feuille = first(await get("/vues/feuillesexercices"), entry);
  found.uncours = first(await get("/vues/listecours"), entry);
  found.concept = first(await get("/vues/listeconcepts"), /<li[^>]*><a href="(\/concept\/[^"]+)"/);
  found.semaine = first(await get("/vues/semaines"), /<a href="(\/evenement\/[^"]+)"/);
  if (found.probleme) {
    found.cote = found.probleme + "?vue=cote";
    found.source = found.probleme + "/source";
  }
  if (found.feuille) found.feuilleter = found.feuille + "/feuilleter";
  if (found.probleme) found.problemeAnglais = "/en" + found.probleme;
  // A sheet of quick exercises, where the site has some: as long as its themes let it be.
  const drawn = await fetch(base + "/vues/rapidexo/nouvelle?n=8&g=essai");
  if (drawn.ok && drawn.url.includes("/feuille?")) {
    found.tirage = drawn.url.slice(base.length);
    for (const name of ["une", "projecteur", "corriges"]) found[name] = found.tirage.replace("/feuille?", `/${name}?`);
    found.projecteurReponse = found.projecteur + "&reponses=1";
    found.minuterie = found.projecteur + "&duree=30";
  }
  if (found.concept) {
    found.voisinage = found.concept + "/voisinage";
    found.deuxpas = found.concept + "/voisinage?profondeur=2";
    found.parcours = found.concept + "/parcours";
  }
  const project = await get("/projet");
  found.page = first(project, /<div class="title"><a href="(\/projet\/(?!etat|journal)[^"]+)"/);
  found.journal = first(project, /<a href="(\/projet\/journal\/[^"/]+\/[^"]+)"/);
  return Object.fromEntries(Object.entries(found).filter(([, path]) => path));
}
