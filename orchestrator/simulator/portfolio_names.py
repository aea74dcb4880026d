"""Names, streets and towns that the sample portfolio draws from. Every person and firm made of them is invented."""

FIRST_NAMES = (
    "Adèle", "Agathe", "Aline", "Amandine", "Anaïs", "Annick", "Bastien", "Baptiste", "Béatrice", "Benoît", "Bérénice",
    "Brice", "Capucine", "Cédric", "Céline", "Clarisse", "Coralie", "Corentin", "Damien", "Delphine", "Édith", "Éliane",
    "Élodie", "Émilien", "Estelle", "Fabien", "Faustine", "Florian", "Gaëlle", "Ghislain", "Hélène", "Honorine",
    "Inès", "Joël", "Josiane", "Julien", "Karim", "Laurine", "Léonie", "Loïc", "Lucie", "Lydie", "Maëlle", "Malika",
    "Margaux", "Mathilde", "Maxence", "Mélanie", "Muriel", "Nadège", "Nicolas", "Noémie", "Odile", "Olivier",
    "Pascale", "Perrine", "Quentin", "Rachid", "Régine", "Rémi", "Roselyne", "Sabine", "Samir", "Sandrine",
    "Séverine", "Solène", "Sylvain", "Tanguy", "Thibault", "Valentine", "Véronique", "Viviane", "Yannick", "Zoé",
)  # fmt: skip

LAST_NAMES = (
    "Aubertin", "Audebrand", "Bassereau", "Baudoin", "Bellanger", "Bertholon", "Bessonnet", "Blondiau", "Bonnefoy",
    "Bouquillon", "Boutevin", "Brossard", "Cadoret", "Carpentier", "Cauvin", "Chabrier", "Chaumeil", "Chenevat",
    "Combrisson", "Coquelin", "Cordonnier", "Courtillot", "Crépin", "Daveluy", "Delacourtie", "Delhomme", "Desmoulière",
    "Devillard", "Dubreucq", "Dumortier", "Escoffier", "Estrade", "Fauconnier", "Ferrand", "Fleuriot", "Fougerat",
    "Gaillardet", "Garreau", "Gaudriault", "Gendreau", "Gilardeau", "Grandvallet", "Grosjean", "Guérineau", "Guilbaud",
    "Hautebois", "Hervieu", "Houdebine", "Jacquemin", "Jourdain", "Juillard", "Kerbrat", "Labadie", "Lachenal",
    "Lamoureux", "Laverdet", "Lebastard", "Lecointre", "Lemonnier", "Lepesant", "Leroyer", "Longuépée", "Mahieu",
    "Malaquin", "Marchadier", "Mercadal", "Mesnildrey", "Montaudouin", "Morizot", "Nicolardot", "Oudinet", "Paillard",
    "Parmentelot", "Pavageau", "Pélissou", "Perrichon", "Pinçon", "Poirrier", "Quéméré", "Rabouin", "Ravenel",
    "Rebuffat", "Renaudeau", "Robillot", "Roquefère", "Sabourdin", "Saillard", "Sauvageot", "Soulignac", "Tavernier",
    "Thébault", "Toussaint", "Trochu", "Vacquier", "Vasseroux", "Verdonck", "Vigneron", "Villermaux", "Wambergue",
)  # fmt: skip

ENGLISH_NAMES = (
    "Imogen Thackeray-Moss", "Rupert Ashdown", "Philippa Garroway", "Niall Corbridge", "Beatrice Hollins",
    "Oscar Penhallow", "Tabitha Wrenfield", "Douglas Mossfield",
)  # fmt: skip

STREETS = (
    "rue des Lilas", "rue du Moulin", "avenue de la Gare", "rue des Tilleuls", "chemin des Vignes", "place du Marché",
    "rue de la Fontaine", "impasse des Acacias", "rue des Écoles", "allée des Peupliers", "rue du Lavoir",
    "boulevard des Platanes", "rue de l'Église", "route de la Forêt", "quai des Mariniers", "rue des Tanneurs",
    "rue Basse", "rue Haute", "cours des Halles", "chemin du Bief",
)  # fmt: skip

METROPOLE = (
    ("69003", "LYON"), ("69100", "VILLEURBANNE"), ("75011", "PARIS"), ("75018", "PARIS"),
    ("92100", "BOULOGNE BILLANCOURT"), ("93100", "MONTREUIL"), ("13006", "MARSEILLE"), ("31000", "TOULOUSE"),
    ("33000", "BORDEAUX"), ("59000", "LILLE"),
    ("59100", "ROUBAIX"), ("44000", "NANTES"), ("35000", "RENNES"), ("29200", "BREST"), ("56100", "LORIENT"),
    ("14000", "CAEN"), ("76600", "LE HAVRE"), ("80000", "AMIENS"), ("51100", "REIMS"), ("10000", "TROYES"),
    ("21000", "DIJON"), ("25000", "BESANCON"), ("38000", "GRENOBLE"), ("73000", "CHAMBERY"), ("74000", "ANNECY"),
    ("63000", "CLERMONT FERRAND"), ("87000", "LIMOGES"), ("86000", "POITIERS"), ("37000", "TOURS"),
    ("45000", "ORLEANS"),
    ("72000", "LE MANS"), ("49000", "ANGERS"), ("17000", "LA ROCHELLE"), ("64000", "PAU"), ("66000", "PERPIGNAN"),
    ("34000", "MONTPELLIER"), ("30000", "NIMES"), ("84000", "AVIGNON"), ("06000", "NICE"), ("20200", "BASTIA"),
    ("24000", "PERIGUEUX"), ("46000", "CAHORS"), ("15000", "AURILLAC"), ("48000", "MENDE"),
    ("01000", "BOURG EN BRESSE"),
)  # fmt: skip

# Other public holidays: Good Friday and Saint Stephen's day.
ALSACE_MOSELLE = (
    ("67000", "STRASBOURG"), ("67500", "HAGUENAU"), ("68100", "MULHOUSE"), ("68000", "COLMAR"), ("57000", "METZ"),
    ("57100", "THIONVILLE"),
)  # fmt: skip

# Other hours: Guadeloupe, Martinique, Guyane, La Réunion, Saint-Pierre-et-Miquelon, Mayotte.
OVERSEAS = (
    ("97110", "POINTE A PITRE"), ("97122", "BAIE MAHAULT"), ("97200", "FORT DE FRANCE"), ("97232", "LE LAMENTIN"),
    ("97300", "CAYENNE"), ("97400", "SAINT DENIS"), ("97410", "SAINT PIERRE"), ("97500", "SAINT PIERRE"),
    ("97600", "MAMOUDZOU"),
)  # fmt: skip

FIRM_NAMES = (
    "Hôtel des Trois Chênes", "Auberge du Bief", "Menuiserie Courtillot", "Boulangerie Saillard", "Garage du Lavoir",
    "Cabinet Roquefère", "Pharmacie des Halles", "Transports Bonnefoy", "Charpentes Guérineau", "Librairie du Cours",
    "Fleurs de Mesnil", "Maçonnerie Trochu", "Imprimerie Verdonck", "Campings du Littoral", "Cuisines Parmentelot",
    "Restaurant La Marjolaine", "Agencement Pavageau", "Clinique vétérinaire du Quai", "Hôtel Bellerive",
    "Résidences du Parc", "Ateliers Soulignac", "Bureau Vasseroux", "Conserverie Houdebine", "Domaine de Villermaux",
    "École de voile Kerbrat", "Façades Rabouin", "Gîtes de la Combe", "Horticulture Fleuriot", "Isolation Jourdain",
    "Jardins Nicolardot", "Laverie Sabourdin", "Magasin Oudinet", "Négoce Malaquin", "Optique Lachenal",
    "Peinture Labadie", "Quincaillerie Morizot", "Rénovation Estrade", "Serrurerie Pinçon", "Traiteur Quéméré",
    "Usinage Delhomme", "Vélos du Canal", "Zinguerie Wambergue", "Brasserie du Port", "Crèche Les Coccinelles",
    "Dépôt Carpentier", "Édition Lemonnier", "Fromagerie Chaumeil", "Hôtel du Vallon", "Location Ravenel",
    "Moulins Gaillardet", "Papeterie Crépin", "Scierie Combrisson", "Torréfaction Leroyer", "Vitrerie Hervieu",
    "Architectes Mahieu", "Bois et Toits Gendreau", "Chalets Juillard", "Décors Fougerat", "Escaliers Thébault",
    "Fenêtres Lecointre", "Gravures Blondiau", "Huisseries Brossard", "Meubles Tavernier", "Parquets Robillot",
    "Piscines Vacquier", "Plâtrerie Paillard", "Pressing des Platanes", "Salon Adèle", "Thermes de la Source",
    "Tonnellerie Vigneron", "Verrerie Sauvageot", "Hôtel Le Grand Tilleul", "Bazar de la Gare", "Studio Perrichon",
    "Étanchéité Poirrier", "Carrelages Ferrand", "Bardages Mercadal", "Ossatures Laverdet", "Maison de thé Aline",
    "Couvertures Dumortier", "Auvents Bellanger", "Kiosques Renaudeau", "Pépinière Basse-Rue", "Palettes Bertholon",
)  # fmt: skip

LEGAL_FORMS = ("SARL", "SAS", "SASU", "EURL", "SA")

# Bodies that are neither consumers nor firms, with their status.
BODIES = (
    ("Association Les Amis du Lavoir", "non_professional"), ("Club nautique de la Combe", "non_professional"),
    ("Comité des fêtes de Basse-Rue", "non_professional"), ("Mairie de Sainte-Odile-du-Bief", "public_body"),
    ("Lycée agricole des Tilleuls", "public_body"), ("Syndicat des copropriétaires du Cours", "non_professional"),
)  # fmt: skip

# By the first word of a firm's name; any other serves.
SECTORS = {
    **dict.fromkeys(("Hôtel", "Gîtes", "Campings", "Chalets", "Résidences", "Thermes"), "hotels"),
    **dict.fromkeys(("Auberge", "Restaurant", "Brasserie", "Traiteur", "Maison"), "restaurants"),
    **dict.fromkeys(
        ("Menuiserie", "Charpentes", "Maçonnerie", "Façades", "Isolation", "Rénovation", "Peinture", "Plâtrerie",
         "Zinguerie", "Étanchéité", "Carrelages", "Bardages", "Ossatures", "Couvertures", "Agencement", "Cuisines",
         "Escaliers", "Fenêtres", "Huisseries", "Parquets", "Bois", "Piscines"),
        "construction",
    ),
    **dict.fromkeys(("Transports", "Garage", "Dépôt", "Location"), "transport"),
    **dict.fromkeys(
        ("Boulangerie", "Librairie", "Fleurs", "Fromagerie", "Magasin", "Optique", "Papeterie", "Pharmacie", "Bazar",
         "Quincaillerie", "Meubles", "Kiosques", "Vélos"),
        "retail",
    ),
    **dict.fromkeys(("Domaine", "Horticulture", "Pépinière", "Jardins"), "agriculture"),
    **dict.fromkeys(
        ("Conserverie", "Imprimerie", "Moulins", "Scierie", "Torréfaction", "Usinage", "Verrerie", "Vitrerie",
         "Tonnellerie", "Serrurerie", "Palettes", "Auvents"),
        "manufacturing",
    ),
}  # fmt: skip
