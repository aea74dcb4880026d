"""Where an American address or phone number may be: states, their time zones, and cities with rules of their own.

A ZIP code tells by its first three digits, a number by its area code. A state with two zones keeps both: contact hours
must then suit both (12 CFR 1006.6(b)). Area codes follow their owner when they move, so they are evidence, never proof:
they add hours to suit, and exclude no state's rules.
"""

import re

_ZIP_RANGES = (
    ("005", "005", "NY"), ("006", "007", "PR"), ("008", "008", "VI"), ("009", "009", "PR"), ("010", "027", "MA"),
    ("028", "029", "RI"), ("030", "038", "NH"), ("039", "049", "ME"), ("050", "054", "VT"), ("055", "055", "MA"),
    ("056", "059", "VT"), ("060", "069", "CT"), ("070", "089", "NJ"), ("100", "149", "NY"), ("150", "196", "PA"),
    ("197", "199", "DE"), ("200", "200", "DC"), ("201", "201", "VA"), ("202", "205", "DC"), ("206", "219", "MD"),
    ("220", "246", "VA"), ("247", "268", "WV"), ("270", "289", "NC"), ("290", "299", "SC"), ("300", "319", "GA"),
    ("320", "339", "FL"),
    ("341", "349", "FL"), ("350", "369", "AL"), ("370", "385", "TN"), ("386", "397", "MS"), ("398", "399", "GA"),
    ("400", "427", "KY"), ("430", "459", "OH"), ("460", "479", "IN"), ("480", "499", "MI"), ("500", "528", "IA"),
    ("530", "549", "WI"), ("550", "567", "MN"), ("569", "569", "DC"), ("570", "577", "SD"), ("580", "588", "ND"),
    ("590", "599", "MT"), ("600", "629", "IL"), ("630", "658", "MO"), ("660", "679", "KS"), ("680", "693", "NE"),
    ("700", "714", "LA"), ("716", "729", "AR"), ("730", "732", "OK"), ("733", "733", "TX"), ("734", "749", "OK"),
    ("750", "799", "TX"), ("800", "816", "CO"), ("820", "831", "WY"), ("832", "838", "ID"), ("840", "847", "UT"),
    ("850", "865", "AZ"), ("870", "884", "NM"), ("885", "885", "TX"), ("889", "898", "NV"), ("900", "961", "CA"),
    ("967", "968", "HI"), ("969", "969", "GU"), ("970", "979", "OR"), ("980", "994", "WA"), ("995", "999", "AK"),
)  # fmt: skip

_AREA_CODES = {
    "AK": "907",
    "AL": "205 251 256 334 659 938",
    "AR": "327 479 501 870",
    "AS": "684",
    "AZ": "480 520 602 623 928",
    "CA": "209 213 279 310 323 341 350 369 408 415 424 442 510 530 559 562 619 626 628 650 657 661 669 707 "
          "714 738 747 760 805 818 820 831 840 858 909 916 925 949 951",
    "CO": "303 719 720 748 970 983",
    "CT": "203 475 860 959",
    "DC": "202 771",
    "DE": "302",
    "FL": "239 305 321 324 352 386 407 448 561 645 656 689 727 728 754 772 786 813 850 863 904 941 954",
    "GA": "229 404 470 478 678 706 762 770 912 943",
    "GU": "671",
    "HI": "808",
    "IA": "319 515 563 641 712",
    "ID": "208 986",
    "IL": "217 224 309 312 331 447 464 618 630 708 730 773 779 815 847 872",
    "IN": "219 260 317 463 574 765 812 930",
    "KS": "316 620 785 913",
    "KY": "270 364 502 606 859",
    "LA": "225 318 337 504 985",
    "MA": "339 351 413 508 617 774 781 857 978",
    "MD": "227 240 301 410 443 667",
    "ME": "207",
    "MI": "231 248 269 313 517 586 616 734 810 906 947 989",
    "MN": "218 320 507 612 651 763 952",
    "MP": "670",
    "MO": "235 314 417 557 573 636 660 816 975",
    "MS": "228 601 662 769",
    "MT": "406",
    "NC": "252 336 472 704 743 828 910 919 980 984",
    "ND": "701",
    "NE": "308 402 531",
    "NH": "603",
    "NJ": "201 551 609 640 732 848 856 862 908 973",
    "NM": "505 575",
    "NV": "702 725 775",
    "NY": "212 315 329 332 347 363 516 518 585 607 631 646 680 716 718 838 845 914 917 929 934",
    "OH": "216 220 234 283 326 330 380 419 440 513 567 614 740 937",
    "OK": "405 539 572 580 918",
    "OR": "458 503 541 971",
    "PA": "215 223 267 272 412 445 484 570 582 610 717 724 814 835 878",
    "PR": "787 939",
    "RI": "401",
    "SC": "803 821 839 843 854 864",
    "SD": "605",
    "TN": "423 615 629 731 865 901 931",
    "TX": "210 214 254 281 325 346 361 409 430 432 469 512 682 713 726 737 806 817 830 832 903 915 936 940 "
          "945 956 972 979",
    "UT": "385 435 801",
    "VA": "276 434 540 571 686 703 757 804 826 948",
    "VI": "340",
    "VT": "802",
    "WA": "206 253 360 425 509 564",
    "WI": "262 274 353 414 534 608 715 920",
    "WV": "304 681",
    "WY": "307",
}  # fmt: skip

_EASTERN, _CENTRAL, _MOUNTAIN, _PACIFIC = (
    "America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles",
)  # fmt: skip
_ZONES = {
    **dict.fromkeys(
        ("CT", "DC", "DE", "GA", "MA", "MD", "ME", "NC", "NH", "NJ", "NY", "OH", "PA", "RI", "SC", "VA", "VT", "WV"),
        (_EASTERN,),
    ),
    **dict.fromkeys(("AL", "AR", "IA", "IL", "LA", "MN", "MO", "MS", "OK", "WI"), (_CENTRAL,)),
    **dict.fromkeys(("CO", "MT", "NM", "UT", "WY"), (_MOUNTAIN,)),
    **dict.fromkeys(("CA", "WA"), (_PACIFIC,)),
    **dict.fromkeys(("FL", "IN", "KY", "MI", "TN"), (_EASTERN, _CENTRAL)),
    **dict.fromkeys(("KS", "ND", "NE", "SD", "TX"), (_CENTRAL, _MOUNTAIN)),
    **dict.fromkeys(("ID", "NV", "OR"), (_MOUNTAIN, _PACIFIC)),
    # The Navajo nation moves its clocks, the rest of Arizona does not.
    "AZ": ("America/Phoenix", _MOUNTAIN),
    "AK": ("America/Anchorage", "America/Adak"),
    "HI": ("Pacific/Honolulu",),
    "PR": ("America/Puerto_Rico",),
    "VI": ("America/St_Thomas",),
    "AS": ("Pacific/Pago_Pago",),
    "GU": ("Pacific/Guam",),
    "MP": ("Pacific/Saipan",),
}  # fmt: skip
EVERY_ZONE = tuple(dict.fromkeys(zone for zones in _ZONES.values() for zone in zones))

# Territories that write their own ISO 3166 code in the country column; the law of the United States is theirs too.
TERRITORIES = ("AS", "GU", "MP", "PR", "VI")
# Post offices of the armed forces: the letter goes by one of these, and its reader is anywhere in the world.
_MILITARY = (("090", "098"), ("340", "340"), ("962", "966"))
# Islands that share the first three digits of another state, and the free states of the Pacific, which are none.
_ISLANDS = {"96799": "AS", "96950": "MP", "96951": "MP", "96952": "MP"}
_FREE_STATES = ("96939", "9694", "9696", "9697")

# States and cities whose rules are laid over those of the country.
OVERLAYS = ("US-MA", "US-WA", "US-NYC")
_NEW_YORK_CITY_ZIPS = ("100", "101", "102", "103", "104", "110", "111", "112", "113", "114", "116")
# Five digits, and perhaps four more. Four alone lost a zero in a spreadsheet: their first three are another state's.
_ZIP = re.compile(r"(\d{5})(?:-?\d{4})?", re.ASCII)


def state_of_zip(postcode: str) -> str:
    """The state of a whole ZIP code, empty when it is none or of none."""
    found = _ZIP.fullmatch(postcode)
    if found is None or found[1].startswith(_FREE_STATES):
        return ""
    start = found[1][:3]
    named = next((state for first, last, state in _ZIP_RANGES if first <= start <= last), "")
    return _ISLANDS.get(found[1], named)


def is_military(postcode: str) -> bool:
    """Whether a ZIP code is a post office of the armed forces, whose zone nobody knows."""
    return _ZIP.fullmatch(postcode) is not None and any(first <= postcode[:3] <= last for first, last in _MILITARY)


def zones_of_zip(postcode: str) -> tuple[str, ...]:
    """The time zones that a ZIP code does not exclude; none when it is of no state."""
    return zones_of_state(state_of_zip(postcode))


def zones_of_state(state: str) -> tuple[str, ...]:
    """The time zones of a state or territory by its two letters; none when there is no such one."""
    return _ZONES.get(state, ())


def zones_of_phone(number: str) -> tuple[str, ...]:
    """The time zones of the state that an E.164 number was given in; none for a number of no state."""
    return zones_of_state(_STATE_OF_CODE.get(_area_code(number), ""))


def overlays_of(postcode: str) -> tuple[str, ...]:
    """The states and cities whose rules may bind: where the ZIP code does not tell, all of them."""
    state = state_of_zip(postcode)
    if not state:
        return OVERLAYS
    if state == "NY" and postcode[:3] in _NEW_YORK_CITY_ZIPS:
        return ("US-NYC",)
    return (f"US-{state}",) if f"US-{state}" in OVERLAYS else ()


def _area_code(number: str) -> str:
    return number[2:5] if number.startswith("+1") else ""


_STATE_OF_CODE = {code: state for state, codes in _AREA_CODES.items() for code in codes.split()}
