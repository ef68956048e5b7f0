"""USSD sessions as Africa's Talking brings them: each hop repeats the whole history; nothing is signed."""

from urllib.parse import urlencode

from bench import twilio

SECRET = "fictional-secret-of-a-line-in-a-benchmark-0001"
PATH = f"/in/ussd/{SECRET}/ussd"
CODE = "*384*40#"

#: What people press and type, one session each: a whole report, a look at their case, a report that tells all at once.
SESSIONS = (
    ("1", "no hay luz desde ayer en la calle 5", "Alto Tacagua"),
    ("2",),
    ("1", "hay un bache grande frente a la cancha de Munaypata"),
)


def conversation(number: int, people: int) -> list[bytes]:
    """Write session ``number`` as it travels: the dial, then a hop for each answer."""
    answers = SESSIONS[number % len(SESSIONS)]
    return [_hop(number, people, "*".join(answers[:said])) for said in range(len(answers) + 1)]


def _hop(number: int, people: int, history: str) -> bytes:
    body = urlencode(
        {
            "sessionId": f"ATUid_{twilio.scattered(number)}",
            "serviceCode": CODE,
            "phoneNumber": twilio.person(number, people),
            "networkCode": "73601",
            "text": history,
        }
    ).encode()
    head = (
        f"POST {PATH} HTTP/1.1\r\nHost: bench.example.org\r\nUser-Agent: at-ussd-api/1.0\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
