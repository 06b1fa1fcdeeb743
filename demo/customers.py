"""The customers of the demo OMS. All of them are invented."""

from collections.abc import Iterator, Mapping

DemoCustomer = Mapping[str, str | None]

_COMPANIES = (
    ("Müller & Söhne Gebäudereinigung GmbH", "Am Mühlbach 3", "80331", "München"),
    ('Druckerei "Zur Feder" OHG', "Gutenbergstraße 12; Hinterhaus", "04109", "Leipzig"),
    ("Bäckerei Krümel; Inh. J. Weiß", "Süßholzgasse 7", "50667", "Köln"),
    ("Nordlicht Anlagenbau AG", "Hafenkai 44", "20457", "Hamburg"),
    ("Kanzlei Ätzel, Öhler & Partner mbB", "Justizplatz 1", "76133", "Karlsruhe"),
    ("Autohaus Flitz KG", "Ringstraße 90", "45127", "Essen"),
    ("Weingut Sonnenhügel\nVertrieb GmbH", "Rebenweg 5", "55116", "Mainz"),
    ("Stadtwerke Beispielhausen GmbH", "Wasserturm 2", "99084", "Erfurt"),
    ("Zahnlabor Weißglanz GmbH", "Brückenstr. 18", "97070", "Würzburg"),
    ("Spedition Rollgut GmbH & Co. KG", "Industrieweg 101", "28195", "Bremen"),
    ("Café Träumerei", "Marktplatz 4", "79098", "Freiburg"),
    ("Landgasthof „Zum Löwen“", "Dorfstraße 1", "87435", "Kempten"),
    ("Ökohof Grünwiese eG", "Feldrain 9", "19053", "Schwerin"),
    ("Softwarehaus Nullzeiger GmbH", "Rechenweg 64", "10115", "Berlin"),
    ("Physiotherapie Beweglich", "Kurpark 8", "53604", "Bad Honnef"),
    ("Möbelwerkstatt Astloch", "Sägegasse 2", "93047", "Regensburg"),
    ("Verlag Seitenweise GmbH", "Bogenallee 16", "60311", "Frankfurt am Main"),
    ("Kältetechnik Frostig GmbH", "Eisstraße 33", "01067", "Dresden"),
    ("Musikschule Dur & Moll", "Notenweg 88", "44135", "Dortmund"),
    ("Tierarztpraxis Pfötchen", "Am Anger 6", "39104", "Magdeburg"),
    ("Schreinerei Spänlein", "Holzmarkt 13", "90402", "Nürnberg"),
    ("Metallbau Funkenflug GmbH", "Schmiedestraße 21", "66111", "Saarbrücken"),
    ("Reisebüro Fernweh", "Bahnhofstraße 10", "24103", "Kiel"),
    ("Optik Scharfblick GmbH", "Linsengasse 5", "86150", "Augsburg"),
    ("Gärtnerei Blütenmeer", "Tulpenweg 11", "65183", "Wiesbaden"),
    ("Elektro Ampère GmbH", "Voltastraße 230", "70173", "Stuttgart"),
    ("Logistikzentrum Übersee GmbH", "Containerdamm 7", "27568", "Bremerhaven"),
    ("Ingenieurbüro Lotrecht", "Brückenkopf 3", "56068", "Koblenz"),
    ("Brauerei Schaumkrone AG", "Hopfengarten 1", "95444", "Bayreuth"),
    ("Kletterhalle Griffig GmbH", "Felsweg 17", "37073", "Göttingen"),
)
_PEOPLE = (
    ("Änne", "Größenwahn-Muster", "Birkenweg 1", "12043", "Berlin"),
    ("Jörg", "Mustermann", "Eichenallee 22", "33602", "Bielefeld"),
    ("Zoë", "d'Exemple", "Lindenhof 3a", "68159", "Mannheim"),
    (None, "Beispiel", "Ahornring 14", "34117", "Kassel"),
)
_ABROAD: tuple[dict[str, str], ...] = (
    {
        "company_name": "Beispiel Handels GesmbH",
        "street": "Mustergasse 9",
        "zip_code": "1010",
        "city": "Wien",
        "country": "AT",
        "vat_id": "ATU00000000",
        "vat_option": "IG",
    },
    {
        "company_name": "Muster Maschinen AG",
        "street": "Beispielstrasse 2",
        "zip_code": "8001",
        "city": "Zürich",
        "state": "ZH",
        "country": "CH",
        "vat_option": "AL",
    },
)
_IDLE = (
    ("Archiv Dornröschen e. V.", "Schlossallee 100", "14467", "Potsdam"),
    ("Sommerrodelbahn Talfahrt GmbH", "Hangweg 1", "83471", "Berchtesgaden"),
    ("Eisdiele Schmelzpunkt", "Promenade 15", "23552", "Lübeck"),
    ("Skiverleih Schussfahrt", "Pistenweg 4", "87561", "Oberstdorf"),
)
_ORDERS: dict[str, dict[str, str]] = {
    "K1004": {"purchase_order": "PO-2026/0815; Los 2", "phone_number": "+49 40 0000000"},
    "K1008": {"buyer_reference": "00000000-BEISPIEL-00"},
}


def _described() -> Iterator[dict[str, str | None]]:
    place = ("street", "zip_code", "city")
    for company_name, *address in _COMPANIES:
        yield {"company_name": company_name, **dict(zip(place, address, strict=True))}
    for first_name, last_name, *address in _PEOPLE:
        names = {"first_name": first_name, "last_name": last_name}
        yield {**names, **dict(zip(place, address, strict=True))}
    for abroad in _ABROAD:
        yield {**abroad}
    for company_name, *address in _IDLE:
        yield {"company_name": company_name, **dict(zip(place, address, strict=True))}


def _numbered() -> Iterator[DemoCustomer]:
    for number, described in enumerate(_described(), start=1001):
        customer_number = f"K{number}"
        yield {
            **dict.fromkeys(
                (
                    "company_name",
                    "first_name",
                    "last_name",
                    "phone_number",
                    "state",
                    "vat_id",
                    "vat_option",
                    "purchase_order",
                    "buyer_reference",
                )
            ),
            "customer_number": customer_number,
            "email": f"rechnung-{number}@example.com",
            "country": "DE",
            "currency": "EUR",
            **described,
            **_ORDERS.get(customer_number, {}),
        }


DEMO_CUSTOMERS: tuple[DemoCustomer, ...] = tuple(_numbered())
IDLE_CUSTOMERS = frozenset(
    str(customer["customer_number"]) for customer in DEMO_CUSTOMERS[-len(_IDLE) :]
)
