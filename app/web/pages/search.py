"""The search box: what was found, by kind; one exact number opens its object at once."""

from itertools import groupby

from flask import Blueprint, redirect, render_template, request

from app.queries.search import SHORTEST, Sought, hits
from app.web.look import tone
from app.web.noun_pages import noun_pages
from app.web.pages.objects import me
from app.web.routes import names
from app.web.shell import address
from app.web.vocabularies import state_title


def pages(rt) -> Blueprint:
    """`GET /search?q=`."""
    blueprint = Blueprint("search", __name__)

    @blueprint.get("/search")
    @names("hit.read")
    def search():
        text = request.args.get("q", "").strip()[:100]
        found = [hit for hit in hits(rt, me(), Sought(q=text, limit=200)).items
                 if hit.noun in noun_pages()]
        exact = [hit for hit in found if text in (hit.number, hit.id)]
        if len(exact) == 1:
            return redirect(address(exact[0].noun, exact[0].number), 303)
        groups = [(noun_pages()[noun], [_row(hit) for hit in of_noun])
                  for noun, of_noun in groupby(found, key=lambda hit: hit.noun)]
        return render_template("search.html", text=text, groups=groups, total=len(found),
                               shortest=SHORTEST)

    return blueprint


def _row(hit) -> dict:
    state = {"state": hit.state, "title": state_title(hit.noun, hit.state),
             "tone": tone(hit.state, hit.noun)} if hit.state else None
    return {"href": address(hit.noun, hit.number), "id": hit.id,
            "cells": {"name": {"text": hit.name or hit.number, "meta": [hit.number]},
                      "state": state}}
