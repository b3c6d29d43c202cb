"""Words that carry no content, per language: left out when a question is compared with a passage.

Short on purpose: articles, pronouns, prepositions, auxiliaries and question words. A word that is missing here only
weighs a little in a score.
"""

_ENGLISH = """
a about above after again against all also am an and any are as at be because been before being below between both
but by can could did do does doing done down during each either else ever few for from further get gets give given
had has have having he her here hers him his how however i if in into is it its itself just let like many may me might
more most much must my name named no nor not now of off often on once one only or other others our out over own per
please same shall she should since so some such tell than that the their them then there these they this those through
to too under until up upon us use used using very was we were what when where whether which while who whom whose why
will with within without would yet you your there's what's kind type according
"""
_GERMAN = """
aber alle allem allen aller alles als also am an andere anderen auch auf aus bei beim bin bis bist da dabei dafür damit
dann das dass dein dem den denn der des dessen die dies diese diesem diesen dieser dieses doch dort du durch ein eine
einem einen einer eines er es etwas euch für gab gibt hat hatte hatten habe haben ihm ihn ihnen ihr ihre ihrem ihren
ihrer im in ist ja jede jeden jeder jedes jetzt kann können könnte man mehr mein mit muss nach nicht noch nun nur ob
oder ohne sehr sein seine seinem seinen seiner seit sich sie sind so solche soll sollte über um und uns unser unter
viel viele vom von vor war waren warum was wann welche welchem welchen welcher welches wem wen wenn wer werden wessen
wie wieviel wird wo woher wohin worden wurde wurden während zu zum zur zwischen nennen heißt
"""
_FRENCH = """
à au aux avec ce ces cet cette dans de des du elle en est et était eu il ils je la le les leur lui mais me même mes mon
ne nos notre nous on ou où par pas pour quand que quel quelle quelles quels qui quoi comment combien pourquoi sa se ses
son sont sur ta te tes toi ton tu un une vos votre vous été être avoir fait lors dont plus
"""
_SPANISH = """
al como con cual cuál cuáles cuando cuándo cuánto cuántos cuántas de del donde dónde el ella ellos en entre era es esa
ese eso esta este esto está están fue fueron ha han hay la las le les lo los más mi muy no nos o para pero por porque
qué que quién quiénes se ser si sí sin sobre son su sus también te tiene tu un una uno unos y ya
"""
_ITALIAN = """
che chi come con cosa cui dal dalla dei del della delle di dove e è era essere gli ha hanno il in io la le lo ma nel
nella non o per perché più quale quali quando quanti quanto questa questo sono su sua suo sui tra un una uno
"""
_PORTUGUESE = """
ao aos as com como da das de do dos e é ela ele em era essa esse esta este foi foram há isso já mais mas na nas no nos
não o onde os ou para pela pelo por porque qual quais quando quanto quantos que quem se sem ser seu sua são também tem
um uma
"""
_ARABIC = """
ما ماذا من متى اين كيف كم لماذا هل اي ايه هو هي هم هذا هذه ذلك تلك التي الذي الذين في على علي الى الي عن مع بين بعد
قبل عند كان كانت يكون تكون قد لقد لا لم لن ان أن إن او ثم حتي كل بعض غير هناك وهو وهي وما ومن به بها له لها فيه فيها
منه منها عليه عليها لدي التى هى اسم
"""
_HINDI = """
का की के को में से पर है हैं था थी थे और या क्या कौन कब कहाँ कहां कैसे कितना कितने कितनी क्यों किस किसे किसने जो वह
यह इस उस ने एक भी तो ही हो होता होती होते गया गई गए कर करने किया लिए तक द्वारा
"""

WORDS_BY_LANGUAGE: dict[str, frozenset[str]] = {
    "en": frozenset(_ENGLISH.split()),
    "de": frozenset(_GERMAN.split()),
    "fr": frozenset(_FRENCH.split()),
    "es": frozenset(_SPANISH.split()),
    "it": frozenset(_ITALIAN.split()),
    "pt": frozenset(_PORTUGUESE.split()),
    "ar": frozenset(_ARABIC.split()),
    "hi": frozenset(_HINDI.split()),
}
"""Lower case, as written."""

HAN_PHRASES: tuple[str, ...] = tuple(
    """
为什么 為什麼 什么样 是什么 什么 什麼 哪一年 哪里 哪裡 哪儿 哪些 哪个 哪個 哪种
多少 多大 多长 多久 几个 幾個 怎么样 怎么 怎麼 怎样 如何 何时 何時 何地 是否
谁 誰 以及 因为 所以 可以 他们 她们 它们 这个 那个 这些 那些 一个 的 了 是
在 和 与 與 或 吗 嗎 呢 被 把 对 於 于 从 向 由 也 都 就 而 哪 几 何
名 叫 有 为 為 之 です ます ですか 何 いつ どこ だれ 誰 どの なぜ は が を
に の と で も か
""".split()
)
"""Function words of languages written without spaces."""
