"""Ordinary updates pass without a remark, on a trip full of pupils whose names are words."""

import pytest

from tests.policy.school import found

UPDATES = """
Walks for Spring, Summer and Autumn.
We each drew a Daisy and an Iris.
On 01/12/2026 9.30 start, 10.15 walk.
The ferries: 07.30 08.15 09.00.
We have arrived safely and everyone is unpacked.
The sun rose over the lake and we were up to see it.
Summer is here at last!
We will walk to the castle after lunch.
Hill walking today, then hot chocolate.
Mark your calendars: we are back on Friday at 3pm.
Saying grace before supper in the great hall.
Grace before supper, then songs.
A rose garden, a maze and a very large rabbit.
Everyone joined in the rose planting at the walled garden.
We hope to be back by 18.45 on Friday.
Hope you are all having a good week at home.
It may rain tomorrow, so waterproofs are packed.
We set off on 12 May and come home on 15 May.
In May the bluebells are out in the woods.
Home on Friday 14 May at 12:30.
Jumping for joy on the beach.
A daisy chain twenty metres long!
Daisy chains all round after lunch.
The Union Jack is flying over the castle.
The heath was purple and the lake was still.
We crossed the Lake District in the sunshine.
A paddle on the lake, then a cook out in the field.
A young deer watched us from the brown bracken.
The brook was cold but nobody minded.
Back in time for supper at 18.45, lights out at 21:30.
All 20 pupils reached the top.
5,000 steps before lunch, 12,000 by supper.
Year 6 led the way and Year 5 sang.
Coach 2 is ten minutes behind Coach 1.
Group 1 built a raft that floated. Group 2 built one that did not!
Well done everyone, what a day.
We are so proud of the children.
Brilliant team work by Group 2.
Brilliant raft building by the Otters and the Kestrels.
Everyone tried the zip wire.
The best day yet.
The best behaved group the centre has had, they told us.
Lost property has been handed out.
We lost track of time at the rock pools.
Stories around the camp fire and then to bed.
Songs by the fire pit under the stars.
We lit our own fire with a fire steel and toasted marshmallows.
A giant pillow fight ended in laughter.
A water fight ended the hottest day of the year.
Porridge, toast and fruit for breakfast.
Everyone slept well and everyone ate well.
We counted 114 steps up the castle tower.
On the coach and on our way home, about 4.30 pm.
Back at school at 3.15 pm on Friday 07.05.2027.
The children wrote postcards home.
Beds made, bags packed, dormitories tidy.
The tidiest room wins a prize tomorrow.
Lunch was soup, bread and apple crumble.
The group on the castle steps in the sun.
Children drawing in the courtyard, seen from behind.
Hands holding a starfish over a rock pool.
We climbed the tower at 10:42:17 and counted the bells.
It was 3 degrees this morning: hats on!
The museum lent us Roman helmets and shields.
We tidied the room 10 minutes before inspection.
A flat 10 km walk along the canal.
Score: Otters 12, Kestrels 12, Hedgehogs 13.
The farm has 40 sheep, 3 dogs and one cross goose.
We crossed on the 9.30 ferry; the 12.15 was full.
Tomorrow: 07.30 breakfast, 08.15 boots on, 09.00 off up the hill.
The tide was low, so we walked across the sands.
Our sandcastle was 1.20 m high.
A lazy river ride on inner tubes.
#Residential2027 #SummerFun
🏕️ Tents up! 🔥 Sausages on!
Café stop: hot chocolate with cream for all.
Thank you to all our families for waving us off.
Off to Rose Cottage for tea.
Summer Camp badges were handed out.
Welcome to Hope Valley, where it is sunny.
The Park ranger showed us owl pellets.
Sports Day on the beach: everybody ran.
Box Hill was steep but the view was worth it.
Everybody had a go at the Field Studies Centre.
The Green Group cooked pasta for forty.
We took a vote and pasta won.
Robots, rockets and a planetarium at the science centre.
THE SUN ROSE OVER THE SEA
WE WILL BE HOME BY 4PM
the sun rose early and so did we
""".strip().splitlines()


@pytest.mark.parametrize("update", UPDATES)
def test_an_ordinary_update_passes_without_a_remark(update: str) -> None:
    assert found(update) == []


def test_a_long_ordinary_update_passes_without_a_remark() -> None:
    assert found("\n\n".join(line for line in UPDATES if not line.isupper())) == []


def test_a_blank_passage_passes() -> None:
    assert found("") == [] == found(" \n ")
