//! What is data: commands that only lay out, font switches, symbols of text mode, environments that
//! only TeX can draw. A new name is one line.
//!
//! Long: these are tables, one line a name.

use std::collections::HashMap;
use std::sync::LazyLock;

/// Whether a command defines something that `mqd_math::Macros` reads.
pub(crate) fn is_definer(name: &str) -> bool {
    matches!(
        name,
        "newcommand"
            | "renewcommand"
            | "providecommand"
            | "DeclareRobustCommand"
            | "def"
            | "gdef"
            | "edef"
            | "xdef"
            | "let"
            | "DeclareMathOperator"
            | "DeclarePairedDelimiter"
            | "NewDocumentCommand"
            | "RenewDocumentCommand"
            | "ProvideDocumentCommand"
            | "DeclareDocumentCommand"
            | "NewExpandableDocumentCommand"
            | "RenewExpandableDocumentCommand"
            | "ProvideExpandableDocumentCommand"
            | "DeclareExpandableDocumentCommand"
            | "newrobustcmd"
            | "renewrobustcmd"
            | "providerobustcmd"
            | "DeclarePairedDelimiterX"
            | "newenvironment"
            | "renewenvironment"
            | "NewDocumentEnvironment"
            | "RenewDocumentEnvironment"
            | "DeclareDocumentEnvironment"
            | "ProvideDocumentEnvironment"
    )
}

/// Commands that mean nothing on a page, with their arguments: `m` braced, `o` in brackets, `s` a
/// star, `d` in parentheses, `=` an assignment up to the end of a length, `E` an equal sign and
/// brackets, `a` every group that follows.
const LAYOUT: &[(&str, &str)] = &[
    ("documentclass", "om"),
    ("usepackage", "om"),
    ("RequirePackage", "om"),
    ("usetikzlibrary", "m"),
    ("pgfplotsset", "m"),
    ("tikzset", "m"),
    ("geometry", "m"),
    ("pagestyle", "m"),
    ("thispagestyle", "m"),
    ("fancyhead", "om"),
    ("fancyfoot", "om"),
    ("fancyhf", "om"),
    ("lhead", "om"),
    ("chead", "om"),
    ("rhead", "om"),
    ("lfoot", "om"),
    ("cfoot", "om"),
    ("rfoot", "om"),
    ("markboth", "mm"),
    ("markright", "m"),
    ("setlength", "mm"),
    ("addtolength", "mm"),
    ("newlength", "m"),
    ("settowidth", "mm"),
    ("settoheight", "mm"),
    ("vspace", "sm"),
    ("hspace*", "m"),
    ("phantom", "m"),
    ("hphantom", "m"),
    ("vphantom", "m"),
    ("vskip", "="),
    ("hskip", "="),
    ("kern", "="),
    ("baselineskip", "="),
    ("parindent", "="),
    ("parskip", "="),
    ("columnsep", "="),
    ("columnseprule", "="),
    ("topsep", "="),
    ("itemsep", "="),
    ("parsep", "="),
    ("partopsep", "="),
    ("leftmargin", "="),
    ("unitlength", "="),
    ("textwidth", "="),
    ("textheight", "="),
    ("oddsidemargin", "="),
    ("evensidemargin", "="),
    ("topmargin", "="),
    ("hoffset", "="),
    ("voffset", "="),
    ("headheight", "="),
    ("tabcolsep", "="),
    ("arraycolsep", "="),
    ("abovedisplayskip", "="),
    ("belowdisplayskip", "="),
    ("smallskip", ""),
    ("medskip", ""),
    ("bigskip", ""),
    ("vfill", ""),
    ("hfill", ""),
    ("hfil", ""),
    ("vfil", ""),
    ("hss", ""),
    ("newpage", ""),
    ("clearpage", ""),
    ("cleardoublepage", ""),
    ("pagebreak", "o"),
    ("nopagebreak", "o"),
    ("linebreak", "o"),
    ("nolinebreak", "o"),
    ("noindent", ""),
    ("indent", ""),
    ("centering", ""),
    ("raggedright", ""),
    ("raggedleft", ""),
    ("flushbottom", ""),
    ("raggedbottom", ""),
    ("tiny", ""),
    ("scriptsize", ""),
    ("footnotesize", ""),
    ("small", ""),
    ("normalsize", ""),
    ("large", ""),
    ("Large", ""),
    ("LARGE", ""),
    ("huge", ""),
    ("Huge", ""),
    ("normalfont", ""),
    ("selectfont", ""),
    ("fontsize", "mm"),
    ("fontfamily", "m"),
    ("fontseries", "m"),
    ("fontshape", "m"),
    ("mdseries", ""),
    ("upshape", ""),
    ("rmfamily", ""),
    ("unboldmath", ""),
    ("boldmath", ""),
    ("color", "om"),
    ("pagecolor", "m"),
    ("definecolor", "mmm"),
    ("colorlet", "mm"),
    ("selectlanguage", "m"),
    ("frenchspacing", ""),
    ("nonfrenchspacing", ""),
    ("NoAutoSpaceBeforeFDP", ""),
    ("AutoSpaceBeforeFDP", ""),
    ("NoAutoSpacing", ""),
    ("frenchbsetup", "m"),
    ("frenchsetup", "m"),
    ("shorthandoff", "m"),
    ("shorthandon", "m"),
    ("makeatletter", ""),
    ("makeatother", ""),
    ("makeindex", ""),
    ("hypersetup", "m"),
    ("addcontentsline", "mmm"),
    ("addtocontents", "mm"),
    ("bibliographystyle", "m"),
    ("nocite", "m"),
    ("phantomsection", ""),
    ("null", ""),
    ("relax", ""),
    ("protect", ""),
    ("leavevmode", ""),
    ("ignorespaces", ""),
    ("unskip", ""),
    ("allowbreak", ""),
    ("sloppy", ""),
    ("fussy", ""),
    ("break", ""),
    ("strut", ""),
    ("mathstrut", ""),
    ("xspace", ""),
    ("titleformat", "smmmmm"),
    ("titlespacing", "smmmm"),
    ("titlelabel", "m"),
    ("dottedcontents", "mommm"),
    ("contentsmargin", "m"),
    ("captionsetup", "om"),
    ("renewlist", "mmm"),
    ("lstset", "m"),
    ("lstdefinestyle", "mm"),
    ("lstdefinelanguage", "omm"),
    ("sisetup", "m"),
    ("xsimsetup", "m"),
    ("SetupExSheets", "om"),
    ("DeclareExerciseTranslation", "mmm"),
    ("allowdisplaybreaks", "o"),
    ("newsavebox", "m"),
    ("AtBeginDocument", "m"),
    ("AtEndDocument", "m"),
    ("frontmatter", ""),
    ("mainmatter", ""),
    ("backmatter", ""),
    ("twocolumn", "o"),
    ("onecolumn", ""),
    ("columnbreak", ""),
    ("balance", ""),
    ("enlargethispage", "sm"),
    ("suppressfloats", "o"),
    ("pagenumbering", "m"),
    ("setstretch", "m"),
    ("doublespacing", ""),
    ("onehalfspacing", ""),
    ("singlespacing", ""),
    ("linespread", "m"),
    ("hyphenation", "m"),
    ("graphicspath", "m"),
    ("DeclareGraphicsExtensions", "m"),
    ("urlstyle", "m"),
    ("endinput", ""),
    ("nobreak", ""),
    ("goodbreak", ""),
    ("penalty", "="),
    ("clubpenalty", "="),
    ("widowpenalty", "="),
    ("tolerance", "="),
    ("hfuzz", "="),
    ("emergencystretch", "="),
    ("looseness", "="),
    ("everymath", "m"),
    ("institute", "om"),
    ("usetheme", "om"),
    ("usecolortheme", "om"),
    ("setbeamertemplate", "mom"),
    ("setbeamercolor", "mm"),
    ("pause", "o"),
    ("addto", "mm"),
    ("bookmarksetup", "m"),
    ("counterwithout", "smm"),
    ("addvspace", "m"),
    ("dotfill", ""),
    ("everydisplay", "m"),
    ("qedhere", ""),
    ("nonumber", ""),
    ("notag", ""),
    ("displaystyle", ""),
    ("textstyle", ""),
    ("limits", ""),
    ("cline", "m"),
    ("hline", ""),
    ("toprule", ""),
    ("midrule", ""),
    ("bottomrule", ""),
    ("arraybackslash", ""),
    ("rowcolor", "om"),
    ("cellcolor", "om"),
    ("columncolor", "om"),
    ("extrarowheight", "="),
    ("doclicenseThis", ""),
    ("doclicenseLicense", ""),
    ("noalign", "m"),
    ("minitoc", ""),
    ("dominitoc", ""),
    ("setkeys", "mm"),
    ("setbox", ""),
    ("special", "m"),
    ("pdfbookmark", "omm"),
    ("pdfinfo", "m"),
    ("ensurepagetracking", ""),
    ("SetFigFont", "mmmmm"),
    ("spewnotes", ""),
    ("DontPrintSemicolon", ""),
    ("selectcolormodel", "m"),
    ("tcbset", "m"),
    ("tcbuselibrary", "m"),
    ("mdfsetup", "m"),
    ("setmainfont", "om"),
    ("setmathfont", "om"),
    ("setsansfont", "om"),
    ("setmonofont", "om"),
    ("defaultfontfeatures", "m"),
    ("setdefaultlanguage", "om"),
    ("setmainlanguage", "om"),
    ("thinmuskip", "="),
    ("glsadd", "m"),
    ("indexsetup", "m"),
    ("usecounter", "m"),
    ("flushleft", ""),
    ("flushright", ""),
    ("psset", "om"),
    ("long", ""),
    ("global", ""),
    ("protected", ""),
    ("expandafter", ""),
    ("begingroup", ""),
    ("endgroup", ""),
    ("bgroup", ""),
    ("egroup", ""),
    ("sysdelim", "mm"),
    ("syslineskipcoeff", "m"),
    ("sysautonum", "m"),
    ("surroundwithmdframed", "om"),
    ("tcolorboxenvironment", "mm"),
    ("AtBeginEnvironment", "mm"),
    ("AtEndEnvironment", "mm"),
    ("BeforeBeginEnvironment", "mm"),
    ("AfterEndEnvironment", "mm"),
    ("theoremheaderfont", "m"),
    ("theorembodyfont", "m"),
    ("theoremseparator", "m"),
    ("theoremsymbol", "m"),
    ("theorempreskip", "m"),
    ("theorempostskip", "m"),
    ("declaretheoremstyle", "om"),
    ("newtheoremstyle", "mmmmmmmmm"),
    ("fillwithlines", "m"),
    ("fillwithdottedlines", "m"),
    ("fillwithgrid", "m"),
    ("makeemptybox", "m"),
    ("answerline", "o"),
    ("printanswers", ""),
    ("noprintanswers", ""),
    ("addpoints", ""),
    ("noaddpoints", ""),
    ("pointsinmargin", ""),
    ("bracketedpoints", ""),
    ("boxedpoints", ""),
    ("pointname", "m"),
    ("shadedsolutions", ""),
    ("unframedsolutions", ""),
    ("framedsolutions", ""),
    ("qformat", "m"),
    ("DeclareExerciseProperty", "sm"),
    ("DeclareExerciseType", "mm"),
    ("loadxsimstyle", "m"),
    ("printsolutions", "so"),
    ("printcollection", "om"),
    ("settasks", "m"),
    ("NewTasksEnvironment", "om"),
    ("SetEnumitemKey", "mm"),
    ("SetLabelAlign", "mm"),
    ("setlistdepth", "m"),
    ("restoregeometry", ""),
    ("newgeometry", "m"),
    ("savegeometry", "m"),
    ("fancypagestyle", "mm"),
    ("fancyfootoffset", "om"),
    ("fancyheadoffset", "om"),
    ("headrulewidth", "="),
    ("setmathfontface", "mom"),
    ("setminted", "om"),
    ("usemintedstyle", "om"),
    ("setlocale", "m"),
    ("setkomafont", "mm"),
    ("addtokomafont", "mm"),
    ("KOMAoptions", "m"),
    ("RedeclareSectionCommand", "om"),
    ("setuptoc", "mm"),
    ("settocdepth", "m"),
    ("DeclareUnicodeCharacter", "mm"),
    ("DeclareSymbolFont", "mmmmm"),
    ("DeclareMathSymbol", "mmmm"),
    ("SetSymbolFont", "mmmmmm"),
    ("npthousandsep", "m"),
    ("npdecimalsign", "m"),
    ("thinlines", ""),
    ("thicklines", ""),
    ("everypar", "m"),
    ("hbadness", "="),
    ("vbadness", "="),
    ("vfuzz", "="),
    ("pretolerance", "="),
    ("hangindent", "="),
    ("hangafter", "="),
    ("parshape", "="),
    ("fboxsep", "="),
    ("fboxrule", "="),
    ("raggedcolumns", ""),
    ("flushcolumns", ""),
    ("mdfdefinestyle", "mm"),
    ("tcbsetforeverylayer", "m"),
    ("tcbstartrecording", "o"),
    ("tcbstoprecording", ""),
    ("ignorespacesafterend", ""),
    ("nointerlineskip", ""),
    ("offinterlineskip", ""),
    ("normalbaselines", ""),
    ("hphantom*", "m"),
    ("nobibliography", "m"),
    ("addbibresource", "om"),
    ("ExecuteBibliographyOptions", "om"),
    ("setcapindent", "m"),
    ("opset", "m"),
    ("pgfmathsetseed", "m"),
    ("rowcolors", "ommm"),
    ("arrayrulecolor", "om"),
    ("hhline", "m"),
    ("cmidrule", "odm"),
    ("addlinespace", "o"),
    ("specialrule", "mmm"),
    ("endhead", ""),
    ("endfirsthead", ""),
    ("endfoot", ""),
    ("endlastfoot", ""),
    ("tabcolsep", "="),
    ("setupbodyfont", "o"),
    ("setbeamerfont", "mm"),
    ("setbeamersize", "m"),
    ("beamertemplatenavigationsymbolsempty", ""),
    ("useinnertheme", "om"),
    ("useoutertheme", "om"),
    ("usefonttheme", "om"),
    ("logo", "m"),
    ("transdissolve", "o"),
    ("AtBeginSection", "om"),
    ("obeylines", ""),
    ("obeyspaces", ""),
    ("raise", "="),
    ("lower", "="),
    ("moveleft", "="),
    ("moveright", "="),
    ("vsize", "="),
    ("hsize", "="),
    ("hyphenpenalty", "="),
    ("exhyphenpenalty", "="),
    ("tikzstyle", "mE"),
    ("usepgfplotslibrary", "m"),
    ("usepgflibrary", "m"),
    ("tikzexternalize", "o"),
    ("pgfdeclarelayer", "m"),
    ("pgfsetlayers", "m"),
    ("pgfkeys", "m"),
    ("pgfqkeys", "mm"),
    ("ctikzset", "m"),
    ("tikzcdset", "m"),
    ("forestset", "m"),
    ("pgfplotstableset", "m"),
    ("pgfdeclareimage", "omm"),
    ("tikzsetnextfilename", "m"),
    ("tikzexternaldisable", ""),
    ("tikzexternalenable", ""),
    ("setchemfig", "m"),
    ("newrgbcolor", "mm"),
    ("newcmykcolor", "mm"),
    ("newgray", "mm"),
    ("pstVerb", "m"),
    ("SpecialCoor", ""),
    ("NormalCoor", ""),
    ("newpsobject", "mmm"),
    ("newpsstyle", "mm"),
    ("tkzInit", "o"),
    ("definecolorset", "ommm"),
    ("nprounddigits", "m"),
    ("npfourdigitsep", ""),
    ("npfourdigitnosep", ""),
    ("npaddmissingzero", ""),
    ("npnoaddmissingzero", ""),
    ("npproductsign", "m"),
    ("npunitcommand", "m"),
    ("DeclareSIPrefix", "mmm"),
    ("DeclareSIQualifier", "mm"),
    ("DeclareSIPower", "mmm"),
    ("DeclareBinaryPrefix", "mmm"),
    ("AutoSpacing", ""),
    ("StandardLayout", ""),
    ("FrenchLayout", ""),
    ("FrenchFootnotes", ""),
    ("AddThinSpaceBeforeFootnotes", ""),
    ("droppoints", ""),
    ("header", "mmm"),
    ("firstpageheader", "mmm"),
    ("runningheader", "mmm"),
    ("footer", "mmm"),
    ("firstpagefooter", "mmm"),
    ("runningfooter", "mmm"),
    ("firstpageheadrule", ""),
    ("runningheadrule", ""),
    ("headrule", ""),
    ("footrule", ""),
    ("firstpagefootrule", ""),
    ("runningfootrule", ""),
    ("pointpoints", "mm"),
    ("bonuspointpoints", "mm"),
    ("marginpointname", "m"),
    ("pointsinrightmargin", ""),
    ("nopointsinmargin", ""),
    ("pointsdroppedatright", ""),
    ("renewcounter", "m"),
    ("cfoot*", "m"),
    ("hqword", "m"),
    ("hpword", "m"),
    ("hsword", "m"),
    ("htword", "m"),
    ("vqword", "m"),
    ("vpword", "m"),
    ("vsword", "m"),
    ("vtword", "m"),
    ("solutiontitle", ""),
    ("printsolution", "om"),
    ("DeclareExerciseTagging", "sm"),
    ("xsimstyle", "m"),
    ("DeclareInstance", "mmmm"),
    ("DeclareQuestionClass", "mm"),
    ("DeclareRelGrades", "mm"),
    ("CurrentOption", ""),
    ("includequestions", "om"),
    ("Opensolutionfile", "mo"),
    ("Closesolutionfile", "m"),
    ("Readsolutionfile", "m"),
    ("crefformat", "mm"),
    ("Crefformat", "mm"),
    ("crefname*", "mmm"),
    ("creflabelformat", "mm"),
    ("crefrangeformat", "mm"),
    ("crefmultiformat", "mmmmm"),
    ("crefalias", "mm"),
    ("newcrefformat", "mm"),
    ("theoremprework", "m"),
    ("theorempostwork", "m"),
    ("theoremindent", "="),
    ("theoremnumbering", "m"),
    ("theoremlisttype", "m"),
    ("theoremframecommand", "m"),
    ("theoremframepreskip", "m"),
    ("theoremframepostskip", "m"),
    ("shadecolor", "m"),
    ("reversemarginpar", ""),
    ("normalmarginpar", ""),
    ("floatsetup", "om"),
    ("floatstyle", "m"),
    ("floatplacement", "mm"),
    ("restylefloat", "sm"),
    ("newfloat", "mmmo"),
    ("floatname", "mm"),
    ("picskip", "m"),
    ("setcaptionwidth", "m"),
    ("hdashline", "o"),
    ("firsthdashline", "o"),
    ("lasthdashline", "o"),
    ("cdashline", "m"),
    ("hlineB", "m"),
    ("Xhline", "m"),
    ("clineB", "mm"),
    ("Xcline", "mm"),
    ("Hline", "o"),
    ("morecmidrules", ""),
    ("setcellgapes", "m"),
    ("makegapedcells", ""),
    ("nomakegapedcells", ""),
    ("renewcellalign", "m"),
    ("renewcommandx", "mom"),
    ("LTleft", "="),
    ("LTright", "="),
    ("LTpre", "="),
    ("LTpost", "="),
    ("dashlinedash", "="),
    ("dashlinegap", "="),
    ("arrayrulewidth", "="),
    ("doublerulesep", "="),
    ("heavyrulewidth", "="),
    ("lightrulewidth", "="),
    ("aboverulesep", "="),
    ("belowrulesep", "="),
    ("multicolsep", "="),
    ("premulticols", "="),
    ("postmulticols", "="),
    ("labelsep", "="),
    ("labelwidth", "="),
    ("itemindent", "="),
    ("listparindent", "="),
    ("rightmargin", "="),
    ("intextsep", "="),
    ("textfloatsep", "="),
    ("floatsep", "="),
    ("marginparwidth", "="),
    ("marginparsep", "="),
    ("footskip", "="),
    ("headsep", "="),
    ("paperwidth", "="),
    ("paperheight", "="),
    ("linewidth", "="),
    ("columnwidth", "="),
    ("abovecaptionskip", "="),
    ("belowcaptionskip", "="),
    ("abovedisplayshortskip", "="),
    ("belowdisplayshortskip", "="),
    ("jot", "="),
    ("mathsurround", "="),
    ("lineskip", "="),
    ("lineskiplimit", "="),
    ("parfillskip", "="),
    ("leftskip", "="),
    ("rightskip", "="),
    ("footnotesep", "="),
    ("brokenpenalty", "="),
    ("interfootnotelinepenalty", "="),
    ("binoppenalty", "="),
    ("relpenalty", "="),
    ("pdfpagewidth", "="),
    ("pdfpageheight", "="),
    ("marginparpush", "="),
    ("SetKwInput", "mm"),
    ("SetKwInOut", "mm"),
    ("SetKw", "mm"),
    ("SetKwFunction", "mm"),
    ("SetKwFor", "mmmm"),
    ("SetKwIF", "mmmmmmmm"),
    ("SetKwRepeat", "mmm"),
    ("SetKwData", "mm"),
    ("SetKwArray", "mm"),
    ("SetKwProg", "mmmm"),
    ("SetKwBlock", "mmm"),
    ("SetKwComment", "mmm"),
    ("SetAlgoLined", ""),
    ("SetAlgoNoLine", ""),
    ("SetAlgoVlined", ""),
    ("SetNlSty", "mmm"),
    ("SetAlgorithmName", "mmm"),
    ("SetAlgoCaptionSeparator", "m"),
    ("LinesNumbered", ""),
    ("RestyleAlgo", "m"),
    ("algnewcommand", "om"),
    ("algrenewcommand", "om"),
    ("algblock", "omm"),
    ("floatname*", "m"),
    ("makeglossaries", ""),
    ("glossarystyle", "m"),
    ("setglossarystyle", "m"),
    ("glsresetall", "o"),
    ("makenoidxglossaries", ""),
    ("dingline", "m"),
    ("dingfill", "m"),
    ("theendnotes", ""),
    ("setbeamercovered", "m"),
    ("setbeameroption", "m"),
    ("beamerdefaultoverlayspecification", "m"),
    ("resetcounteronoverlays", "m"),
    ("AtBeginSubsection", "om"),
    ("AtBeginPart", "m"),
    ("titlegraphic", "m"),
    ("subject", "m"),
    ("keywords", "m"),
    ("hypersetup*", "m"),
    ("pdfstringdefDisableCommands", "m"),
    ("urldef", "mm"),
    ("Urlmuskip", "="),
    ("flushend", ""),
    ("swapnumbers", ""),
    ("allsectionsfont", "m"),
    ("sectionfont", "m"),
    ("subsectionfont", "m"),
    ("subsubsectionfont", "m"),
    ("chapterfont", "m"),
    ("partfont", "m"),
    ("titleclass", "mmo"),
    ("titlecontents", "mommmm"),
    ("titlespacing*", "mmmm"),
    ("assignpagestyle", "mm"),
    ("renewpagestyle", "mom"),
    ("newpagestyle", "mom"),
    ("sethead", "mmm"),
    ("setfoot", "mmm"),
    ("headrule*", ""),
    ("setlocalecaption", "mmm"),
    ("AddEverypageHook", "m"),
    ("AddToShipoutPicture", "sm"),
    ("AddToHook", "mom"),
    ("AddToHookNext", "mom"),
    ("IncludeInRelease", "mmm"),
    ("PassOptionsToPackage", "mm"),
    ("PassOptionsToClass", "mm"),
    ("ProvidesPackage", "mo"),
    ("ProvidesFile", "mo"),
    ("NeedsTeXFormat", "mo"),
    ("LoadClass", "om"),
    ("ProcessOptions", "s"),
    ("DeclareOption", "smm"),
    ("listfiles", ""),
    ("batchmode", ""),
    ("nonstopmode", ""),
    ("scrollmode", ""),
    ("errorstopmode", ""),
    ("nofiles", ""),
    ("message", "m"),
    ("typeout", "m"),
    ("PackageWarning", "mm"),
    ("errmessage", "m"),
    ("showhyphens", "m"),
    ("lstMakeShortInline", "om"),
    ("lstalias", "mm"),
    ("setmintedinline", "om"),
    ("fvset", "m"),
    ("CustomVerbatimEnvironment", "mmm"),
    ("DefineVerbatimEnvironment", "mmm"),
    ("RecustomVerbatimEnvironment", "mmm"),
    ("setlinespacing", "m"),
    ("setenumerate*", "m"),
    ("restorelist", "m"),
    ("stdtabular", ""),
    ("DTLsetseparator", "m"),
    ("baselinestretch", ""),
    ("allowbreak*", ""),
    ("discretionary", "mmm"),
    ("textfloatsep*", "m"),
    ("settodepth", "mm"),
    ("newdimen*", ""),
    ("vrule", "="),
    ("pdfoutput", "="),
    ("pdfcompresslevel", "="),
    ("pdfminorversion", "="),
    ("interlinepenalty", "="),
    ("displaywidowpenalty", "="),
    ("defbeamertemplate", "smm"),
    ("newcommandtwoopt", "m"),
    ("newdateusvardate", ""),
    ("@addtoreset", "mm"),
    ("boxed*", ""),
    ("marginparmargin", "m"),
    ("enlargethispage*", "m"),
    ("stretch", "m"),
    ("PrerenderUnicode", "m"),
    ("DeclareTextFontCommand", "mm"),
    ("DeclareMathAlphabet", "mmmmm"),
    ("SetMathAlphabet", "mmmmmm"),
    ("DeclareFixedFont", "mmmmmm"),
    ("usefont", "mmmm"),
    ("fontencoding", "m"),
    ("linethickness", "m"),
    ("mainlanguage", "m"),
    ("shorthandstyle", "m"),
    ("eject", ""),
    ("bye", ""),
    ("supereject", ""),
    ("vadjust", "m"),
    ("vline", ""),
    ("nopagenumbers", ""),
    ("magnification", "="),
    ("printsolutionstype", "som"),
    ("collectexercises", "m"),
    ("collectexercisesstop", "m"),
    ("collectexercisestype", "mm"),
    ("DeclareExerciseEnvironmentTemplate", "mmm"),
    ("DeclareExerciseCollection", "om"),
];

/// How a layout command is passed over, if it is one.
pub(crate) fn layout(name: &str) -> Option<&'static str> {
    static BY_NAME: LazyLock<HashMap<&str, &str>> =
        LazyLock::new(|| LAYOUT.iter().copied().collect());
    BY_NAME.get(name).copied()
}

/// Commands with one argument that style it: element and class.
pub(crate) fn styled(name: &str) -> Option<(&'static str, Option<&'static str>)> {
    Some(match name {
        "emph" | "textit" | "textsl" => ("em", None),
        "textbf" | "structure" => ("strong", None),
        "texttt" => ("code", None),
        "textsc" | "bsc" | "bs" => ("span", Some("petites-capitales")),
        "underline" | "uline" | "uwave" | "ul" | "underbar" | "dashuline" | "dotuline"
        | "uuline" => ("u", None),
        "sout" | "st" | "cancel" | "xout" => ("s", None),
        "textsuperscript" | "up" | "fup" => ("sup", None),
        "textsubscript" => ("sub", None),
        "fbox" | "framebox" | "boxed" | "shadowbox" | "doublebox" | "ovalbox" | "tcbox"
        | "psframebox" | "pscirclebox" | "psovalbox" | "psdblframebox" | "psshadowbox" => {
            ("span", Some("cadre"))
        }
        "hl" => ("mark", None),
        "so" | "textls" | "vtop" | "vcenter" | "textlatin" | "textgreek" | "reflectbox"
        | "makecell" | "shortstack" | "thead" | "rothead" | "textmain" | "ensuretext"
        | "mathmbox" | "textrm" | "textup" | "textmd" | "textnormal" | "textsf" | "mbox"
        | "hbox" | "makebox" | "text" | "vbox" | "smash" | "lowercase" | "MakeLowercase"
        | "raisebox" | "rlap" | "llap" | "centerline" | "leftline" | "rightline" | "noexpand"
        | "beamerbutton" | "beamergotobutton" | "invisible" | "pdftooltip" | "bname"
        | "intertext" | "mathrm" | "operatorname" | "only" | "uncover" | "onslide" | "visible"
        | "textlf" => ("span", None),
        _ => return None,
    })
}

/// Switches that style the rest of their group.
pub(crate) fn switch(name: &str) -> Option<(&'static str, Option<&'static str>)> {
    Some(match name {
        "bf" | "bfseries" => ("strong", None),
        "it" | "itshape" | "em" | "sl" | "slshape" => ("em", None),
        "tt" | "ttfamily" => ("code", None),
        "sc" | "scshape" => ("span", Some("petites-capitales")),
        "rm" | "sf" | "sffamily" => ("span", None),
        _ => return None,
    })
}

/// Environments that only TeX can draw.
pub(crate) fn is_drawing(name: &str) -> bool {
    matches!(
        name.trim_end_matches('*'),
        "tikzpicture"
            | "picture"
            | "pspicture"
            | "pgfpicture"
            | "axis"
            | "circuitikz"
            | "asy"
            | "xy"
            | "mfpic"
            | "forest"
            | "tikzcd"
            | "CD"
            | "variations"
            | "tabvar"
            | "tableauvariations"
            | "tabsigne"
            | "scratch"
            | "scope"
            | "mplibcode"
            | "gnuplot"
            | "algorithm"
            | "algorithm2e"
            | "algorithmic"
            | "algorithmicx"
            | "pstree"
            | "postscript"
            | "luacode"
            | "pycode"
            | "sageblock"
            | "tabbing"
            | "musicabc"
            | "chemfig"
            | "overpic"
            | "psgraph"
            | "prooftree"
            | "sudoku"
            | "logicpuzzle"
            | "tkzexample"
            | "venndiagram2sets"
            | "venndiagram3sets"
            | "psmatrix"
            | "Geometrie"
            | "Scratch"
            | "algo"
            | "Algo"
            | "Algorithme"
            | "pseudocode"
            | "feynman"
            | "bytefield"
            | "karnaugh-map"
            | "sequencediagram"
            | "tikzfigure"
            | "tkzTabEnv"
            | "gmatrix"
            | "wordsearch"
            | "crossword"
            | "Puzzle"
            | "PuzzleClues"
            | "chronology"
            | "timeline"
    )
}

/// Commands that only TeX can draw, with their arguments as in [`layout`].
pub(crate) fn drawing(name: &str) -> Option<&'static str> {
    Some(match name {
        "xymatrix" => "m",
        // ProfCollege and its like compute what they draw.
        "Tableur"
        | "Propor"
        | "Pythagore"
        | "Thales"
        | "ResolEquation"
        | "Relie"
        | "Reperage"
        | "Representation"
        | "Decomposition"
        | "Fraction"
        | "Trigo"
        | "Stat"
        | "Proba"
        | "FonctionAffine"
        | "Engrenages"
        | "Ratio"
        | "Distri"
        | "Pyramide"
        | "SommeAngles"
        | "Billard"
        | "Cartographie"
        | "Labyrinthe"
        | "QuelNombre"
        | "Tortue"
        | "VueCubes"
        | "TableauDoubleEntree"
        | "Dessinalgo"
        | "ModeleBarre"
        | "Barresniveaux"
        | "CourbeEsp"
        | "tkzTabLine"
        | "tkzTabVar"
        | "dirtree"
        | "bclogo*"
        | "calculatrice"
        | "KeyStroke"
        | "ncline"
        | "nccurve"
        | "ncarc"
        | "ncbar"
        | "ncangle"
        | "ncdiag"
        | "psline"
        | "psplot"
        | "pspolygon"
        | "pscircle"
        | "psdots"
        | "pscurve"
        | "psbezier"
        | "rput"
        | "uput" => "a",
        "opadd" | "opsub" | "opmul" | "opdiv" | "opidiv" => "omm",
        "tkzTab" => "ommm",
        "scratchinline" => "m",
        "chemfig" => "om",
        "pgfplotstabletypeset" => "om",
        "tkzTabInit" => "omm",
        "includepdf" => "om",
        _ => return None,
    })
}

/// Environments that only group or lay out what is in them: class of the box and arguments.
pub(crate) fn boxed(name: &str) -> Option<(&'static str, &'static str)> {
    Some(match name.trim_end_matches('*') {
        "center" | "centering" => ("centre", ""),
        "flushleft" => ("gauche", ""),
        "flushright" => ("droite", ""),
        "quote" | "quotation" | "verse" | "displayquote" => ("citation", ""),
        "abstract" => ("resume", ""),
        "minipage" => ("minipage", "ooom"),
        "multicols" => ("multicolonnes", "m"),
        "boxedminipage" | "boxedminipage2e" => ("encadre", "om"),
        "framed" | "shaded" | "leftbar" | "Sbox" | "encadre" | "oframed" | "snugshade" => {
            ("encadre", "o")
        }
        "landscape" | "spacing" | "sloppypar" | "titlepage" | "small" | "footnotesize"
        | "scriptsize" | "tiny" | "large" | "Large" | "LARGE" | "huge" | "Huge" | "normalsize"
        | "flalignbox" | "samepage" | "otherlanguage" | "french" | "english" | "adjustwidth"
        | "subequations" | "em" | "it" | "bf" | "sl" | "sc" | "tt" | "column" | "columns"
        | "onehalfspace" | "doublespace" | "singlespace" | "group" | "changemargin"
        | "linenumbers" | "parbox" | "appendices" | "threeparttable" | "adjustbox"
        | "savenotes" | "EnvFullwidth" | "fullwidth" | "raggedright" | "raggedleft" | "paracol"
        | "sideways" | "turn" | "rotate" | "overprint" | "onlyenv" | "uncoverenv"
        | "visibleenv" | "invisibleenv" | "altenv" | "tablenotes" | "measuredfigure"
        | "subappendices" | "multicolpar" | "hyphenrules" | "color" | "varwidth" | "textblock"
        | "tcbinvclipframe" | "ThreePartTable" | "Form" => {
            let arguments = match name.trim_end_matches('*') {
                "turn" | "rotate" | "hyphenrules" | "color" => "m",
                "overprint" | "tablenotes" | "columns" => "o",
                "varwidth" => "om",
                "textblock" => "md",
                "spacing" | "otherlanguage" | "column" | "paracol" | "adjustbox" => "m",
                "adjustwidth" | "changemargin" => "mm",
                _ => "",
            };
            ("groupe", arguments)
        }
        _ => return None,
    })
}

/// Statements that many documents use without defining them (packages, or a fragment without its
/// preamble): environment, printed name.
pub(crate) fn usual_statement(name: &str) -> Option<&'static str> {
    Some(match name.trim_end_matches('*') {
        "theorem" | "theoreme" | "thm" | "theo" | "Theoreme" | "Theorem" => "Théorème",
        "proposition" | "prop" | "Proposition" => "Proposition",
        "lemma" | "lemme" | "lem" | "Lemme" => "Lemme",
        "corollary" | "corollaire" | "cor" | "coro" | "Corollaire" => "Corollaire",
        "definition" | "defi" | "defn" | "Definition" | "df" => "Définition",
        "remark" | "remarque" | "rem" | "rmq" | "Remarque" => "Remarque",
        "remarques" | "remarks" | "Remarques" => "Remarques",
        "example" | "exemple" | "ex" | "exple" | "Exemple" => "Exemple",
        "exemples" | "examples" | "Exemples" => "Exemples",
        "notation" | "nota" | "Notation" => "Notation",
        "propriete" | "property" | "Propriete" | "prt" => "Propriété",
        "axiome" | "axiom" => "Axiome",
        "conjecture" => "Conjecture",
        "methode" | "Methode" => "Méthode",
        "exercise" | "exercice" | "exo" | "Exercice" | "Exercise" | "question" | "Exo" | "EXO"
        | "exercices" | "exercicecorrige" => "Exercice",
        "problem" | "probleme" | "Probleme" => "Problème",
        "solution" | "sol" | "corrige" | "Solution" | "answer" | "reponse" | "correction"
        | "Corrige" | "Answer" | "solutionorbox" | "solutionorlines" | "onlysolution"
        | "Reponse" | "solutionbox" | "corrigé" => "Solution",
        "hint" | "indication" | "Indication" => "Indication",
        "enonce" | "Enonce" => "Énoncé",
        "vocabulaire" => "Vocabulaire",
        "attention" | "warning" => "Attention",
        "claim" | "affirmation" => "Affirmation",
        "fact" => "Fait",
        "application" | "Application" => "Application",
        "applications" => "Applications",
        "consequence" | "csq" => "Conséquence",
        "consequences" => "Conséquences",
        "rappel" | "Rappel" => "Rappel",
        "rappels" | "Rappels" => "Rappels",
        "objectif" => "Objectif",
        "objectifs" | "Objectifs" => "Objectifs",
        "savoirfaire" | "Savoirfaire" => "Savoir-faire",
        "convention" => "Convention",
        "contrexemple" | "contreexemple" | "counterexample" => "Contre-exemple",
        "astuce" => "Astuce",
        "aide" => "Aide",
        "commentaire" | "commentaires" => "Commentaire",
        "proprietes" | "Proprietes" => "Propriétés",
        "definitions" => "Définitions",
        "interpretation" => "Interprétation",
        "principe" => "Principe",
        "loi" => "Loi",
        "experience" => "Expérience",
        "activite" => "Activité",
        _ => return None,
    })
}

/// An accent over the letter that follows.
pub(crate) fn is_accent(name: &str) -> bool {
    matches!(
        name,
        "'" | "`"
            | "^"
            | "\""
            | "~"
            | "="
            | "."
            | "u"
            | "v"
            | "H"
            | "c"
            | "k"
            | "r"
            | "d"
            | "b"
            | "t"
    )
}

/// A counter that LaTeX itself defines.
pub(crate) fn is_usual_counter(name: &str) -> bool {
    matches!(
        name,
        "part"
            | "chapter"
            | "section"
            | "subsection"
            | "subsubsection"
            | "paragraph"
            | "enumi"
            | "enumii"
            | "enumiii"
            | "enumiv"
            | "figure"
            | "table"
            | "equation"
            | "footnote"
            | "page"
    )
}

/// Commands of formulas that people write in text by mistake, or that symbols fonts give.
pub(crate) fn is_mathematical(name: &str) -> bool {
    matches!(
        name,
        "mathbb"
            | "mathcal"
            | "mathbf"
            | "mathrm"
            | "mathscr"
            | "mathfrak"
            | "frac"
            | "dfrac"
            | "sqrt"
            | "sum"
            | "int"
            | "geq"
            | "leq"
            | "geqslant"
            | "leqslant"
            | "neq"
            | "in"
            | "infty"
            | "alpha"
            | "beta"
            | "gamma"
            | "delta"
            | "epsilon"
            | "varepsilon"
            | "lambda"
            | "mu"
            | "pi"
            | "omega"
            | "theta"
            | "phi"
            | "varphi"
            | "rightarrow"
            | "Rightarrow"
            | "leftarrow"
            | "Leftarrow"
            | "Leftrightarrow"
            | "leftrightarrow"
            | "leftrightarrows"
            | "longrightarrow"
            | "mapsto"
            | "to"
            | "times"
            | "cdot"
            | "cdots"
            | "circ"
            | "bullet"
            | "star"
            | "square"
            | "Box"
            | "blacksquare"
            | "forall"
            | "exists"
            | "implies"
            | "iff"
            | "subset"
            | "cup"
            | "cap"
            | "emptyset"
            | "varnothing"
            | "pm"
            | "approx"
            | "sim"
            | "equiv"
            | "triangle"
            | "triangleright"
            | "blacktriangleright"
            | "diamond"
            | "Diamond"
            | "clubsuit"
            | "heartsuit"
            | "spadesuit"
            | "diamondsuit"
            | "hookrightarrow"
            | "uparrow"
            | "downarrow"
            | "nearrow"
            | "searrow"
            | "left"
            | "right"
            | "overline"
            | "overrightarrow"
            | "vec"
            | "llbracket"
            | "rrbracket"
            | "lbrace"
            | "rbrace"
            | "langle"
            | "rangle"
            | "prime"
            | "partial"
            | "nabla"
            | "ell"
            | "lozenge"
            | "blacklozenge"
            | "bigstar"
            | "Longrightarrow"
    )
}

/// Environments whose content is text as it stands.
pub(crate) fn is_verbatim(name: &str) -> bool {
    matches!(
        name,
        "verbatim"
            | "verbatim*"
            | "Verbatim"
            | "Verbatim*"
            | "BVerbatim"
            | "LVerbatim"
            | "SaveVerbatim"
            | "lstlisting"
            | "minted"
            | "alltt"
            | "comment"
            | "sagesilent"
            | "python"
            | "pythoncode"
            | "pyverbatim"
            | "pyconsole"
            | "CodePythonLst"
            | "CodePiton"
            | "Piton"
            | "code"
            | "codebox"
            | "spverbatim"
            | "tcblisting"
            | "filecontents"
            | "filecontents*"
    )
}
