from pipelines.score_jobs import other_clip


def test_the_control_takes_the_sound_of_the_next_other_person():
    rows = [{"clip_id": f"d/{person}/{number}", "person": person} for person in "aab" for number in (1,)]
    rows[1]["clip_id"] = "d/a/2"
    assert [other_clip(place, rows) for place in range(3)] == ["d/b/1", "d/b/1", "d/a/1"]
    assert other_clip(0, rows[:2]) is None
