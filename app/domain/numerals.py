"""How numbers and days are written in official Chinese letters: dates, articles and money."""

from datetime import date

DIGITS = "〇一二三四五六七八九"
CAPITALS = "零壹贰叁肆伍陆柒捌玖"
PLACES = ("", "拾", "佰", "仟")
GROUPS = ("", "万", "亿", "万亿")
HIGHEST_FEN = 10**18


def chinese_number(number: int) -> str:
    """A whole number from 1 to 99 as it is read: 二十一."""
    if not 1 <= number <= 99:
        raise ValueError("only 1 to 99 are written in words")
    tens, ones = divmod(number, 10)
    lead = "" if tens == 0 else "十" if tens == 1 else DIGITS[tens] + "十"
    return lead + (DIGITS[ones] if ones else "")


def chinese_date(day: date) -> str:
    """A day as a letter is dated: 二〇二六年十一月二十二日."""
    year = "".join(DIGITS[int(digit)] for digit in f"{day.year:04d}")
    return f"{year}年{chinese_number(day.month)}月{chinese_number(day.day)}日"


def plain_date(day: date) -> str:
    """A day inside a sentence: 2027年6月30日."""
    return f"{day.year}年{day.month}月{day.day}日"


def english_date(day: date) -> str:
    """A day in an English sentence: 30 June 2027."""
    months = ("January", "February", "March", "April", "May", "June", "July", "August",
              "September", "October", "November", "December")
    return f"{day.day} {months[day.month - 1]} {day.year}"


def capital_money(fen: int) -> str:
    """An amount of fen in capital numerals: 人民币壹佰元整.

    From 0 up to, not including, 10^18 fen. Source: 支付结算办法, annex 1.
    """
    if not 0 <= fen < HIGHEST_FEN:
        raise ValueError("money is between 0 and 10^18 fen")
    yuan, rest = divmod(fen, 100)
    jiao, cents = divmod(rest, 10)
    words = capital_integer(yuan) + "元" if yuan or not rest else ""
    if jiao:
        words += CAPITALS[jiao] + "角"
    if cents:
        gap = "零" if yuan and not jiao else ""
        words += gap + CAPITALS[cents] + "分"
    return "人民币" + words + ("" if cents else "整")


def capital_integer(number: int) -> str:
    """A whole number in capital numerals, one 零 for each run of zeros inside it."""
    if number == 0:
        return CAPITALS[0]
    words, gap = "", False
    for power in reversed(range(len(GROUPS))):
        group = number // 10_000**power % 10_000
        if group == 0:
            gap = gap or bool(words)
            continue
        if words and (gap or group < 1000):
            words += CAPITALS[0]
        words += _group(group) + (GROUPS[power] if not _shares_unit(number, power) else "万")
        gap = False
    return words


def _shares_unit(number: int, power: int) -> bool:
    """Whether this is the 万亿 group with a 亿 group behind it, where 亿 is said once."""
    return power == 3 and number // 10_000**2 % 10_000 > 0


def _group(group: int) -> str:
    words, gap = "", False
    for place in reversed(range(4)):
        digit = group // 10**place % 10
        if digit == 0:
            gap = bool(words)
            continue
        words += (CAPITALS[0] if gap else "") + CAPITALS[digit] + PLACES[place]
        gap = False
    return words
